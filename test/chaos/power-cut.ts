import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { distFile } from '../../src/model/package.js';
import type { ChaosCase, ChaosContext, ChaosFindings } from './case.js';
import { addVerdict, checkNames, newVerdict, recover, type Verdict } from './storage/check.js';
import type { ChildOptions, ToldFact } from './storage/child.js';
import { layerOptions, type Prepared, prepare, type Scenario } from './storage/faulted.js';
import type { Acknowledgement } from './storage/layer.js';
import { LoopDisk } from './support/loop-disk.js';
import { killGroup, runChild } from './support/process.js';
import { Shim } from './support/shim.js';

const SCENARIO: Scenario = { name: 'twelve images, two at a time', mode: 'link', images: 12, imagesInFlight: 2 };
/** Facts of a whole run: written and sealed for each of 6 files of an image, delivered for raw at two targets, corrected at one. */
const FACTS = SCENARIO.images * (6 * 2 + 3 * 2 + 3);
const DISK_MEGABYTES = 128;

/** A cut after so many facts were told to an observer outside the disk. */
interface Cut {
  readonly prepared: Prepared;
  readonly after: number;
  readonly place: string;
  /** A writer whose fsyncs do nothing. */
  readonly lies: boolean;
}

/**
 * Archive, targets and ledger stand on an ext4 of their own, whose power is cut at a random moment while images are archived. The same cut is made
 * under a writer whose fsyncs lie.
 */
export const powerCut: ChaosCase = {
  name: 'power-cut',
  promise: 'A power cut at any moment loses nothing that was acknowledged and leaves no partial name.',
  needs: ['root', 'loop', 'preload'],
  units: { test: 1, all: 10, full: 200 },
  unit: 'cuts',
  run: runCuts,
};

async function runCuts({ units, folder, random, signal }: ChaosContext): Promise<ChaosFindings> {
  const prepared = await prepare(SCENARIO, folder);
  const verdict = newVerdict();
  const control = newVerdict();
  const told = { late: 0 };
  const recovery: number[] = [];
  let controlsWithoutLoss = 0;
  for (let unit = units.first; unit < units.first + units.count && !signal.aborted; unit++) {
    const after = random.integer(1, FACTS - 1);
    const place = join(folder, `cut-${unit}`);
    recovery.push(await cutOnce({ prepared, after, place, lies: false }, verdict, told));
    const lostBefore = control.lost;
    await cutOnce({ prepared, after: Math.max(after, FACTS >> 2), place: `${place}-control`, lies: true }, control, {
      late: 0,
    });
    if (control.lost === lostBefore) controlsWithoutLoss += 1;
  }
  const { violations, gone, ...counts } = verdict;
  if (controlsWithoutLoss > 0)
    violations.push(`${controlsWithoutLoss} controls lost nothing: those cuts prove nothing`);
  const counted = { ...counts, toldAfterCut: told.late, goneAfterCut: gone };
  return { counts: counted, ms: { recovery }, violations, control: { exposed: control.exposed, lost: control.lost } };
}

/** @returns milliseconds of the recovery; 0 for a control, which is only counted */
async function cutOnce(cut: Cut, sum: Verdict, told: { late: number }): Promise<number> {
  const { prepared, after, place, lies } = cut;
  mkdirSync(place, { recursive: true });
  const disk = new LoopDisk(place, 'disk', DISK_MEGABYTES);
  let ms = 0;
  const found = newVerdict();
  try {
    const root = join(disk.folder, 'root');
    const { facts, late } = await archiveUntilCut(cut, disk, root);
    disk.unmount();
    disk.mount();
    checkNames(root, prepared.expected, facts, found);
    const { imagesInFlight: _, ...options } = layerOptions(root, prepared.scenario, prepared.store);
    if (!lies) {
      ms = await recover(options, { expected: prepared.expected, facts, verdict: found, late });
      told.late += late.length;
    }
  } finally {
    disk.unmount();
  }
  if (lies || found.violations.length === 0) rmSync(place, { recursive: true, force: true });
  addVerdict(sum, found, `cut after ${after} facts`);
  return ms;
}

/**
 * What was told before the power began to go, and what the process told while it went. That promises nothing: no process lives on in a real cut, and an
 * fsync that is under way while this ext4 is shut down may return without an error though its journal was dropped.
 */
interface Told {
  readonly facts: Acknowledgement[];
  readonly late: Acknowledgement[];
}

async function archiveUntilCut(cut: Cut, disk: LoopDisk, root: string): Promise<Told> {
  const { prepared, after, place, lies } = cut;
  mkdirSync(root);
  const shim = new Shim(join(place, 'control'), root, { action: lies ? 'lie' : 'count', at: lies ? 1 : 0 });
  const child: ChildOptions = layerOptions(root, prepared.scenario, prepared.store);
  const told: ToldFact[] = [];
  let cutAt = 0n;
  await runChild({
    script: distFile('test/chaos/storage/child.js'),
    args: [JSON.stringify(child)],
    environment: shim.environment,
    onLine: (line, process) => {
      if (!('state' in line)) return;
      told.push(line as unknown as ToldFact);
      if (told.length !== after) return;
      cutAt = disk.cut();
      killGroup(process);
    },
  });
  shim.close();
  if (told.length < after)
    throw new Error(`the store was archived with ${told.length} facts, before the cut after ${after}`);
  const isInTime = ({ at }: ToldFact) => BigInt(at) < cutAt;
  return { facts: told.filter(isInTime), late: told.filter((fact) => !isInTime(fact)) };
}
