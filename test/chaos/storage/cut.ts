import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { distFile } from '../../../src/model/package.js';
import { type DiskName, Disks } from '../support/disks.js';
import { killGroup, runChild } from '../support/process.js';
import { Shim } from '../support/shim.js';
import { addVerdict, checkNames, newVerdict, recover, type Verdict } from './check.js';
import type { ChildOptions, ToldFact } from './child.js';
import { layerOptions, type Prepared } from './faulted.js';
import type { Acknowledgement } from './layer.js';

/** A power cut after so many facts were told to an observer outside the disks. */
export interface Cut {
  readonly prepared: Prepared;
  readonly after: number;
  readonly place: string;
  /** Whether the ledger has a file system of its own. */
  readonly isSplit: boolean;
  /** What loses its power, in this order; what does not sees its process killed. */
  readonly order: readonly DiskName[];
  /** A writer whose fsyncs do nothing. */
  readonly lies: boolean;
}

export interface CutSum {
  readonly verdict: Verdict;
  /** Facts that were told after the power had begun to go, and those of them that the ledger did not know afterwards. */
  late: number;
  gone: number;
}

/** @returns milliseconds of the recovery; 0 for a control, which is only counted */
export async function cutOnce(cut: Cut, sum: CutSum): Promise<number> {
  const { prepared, after, place, lies, isSplit, order } = cut;
  mkdirSync(place, { recursive: true });
  const disks = new Disks(place, isSplit);
  let ms = 0;
  const found = newVerdict();
  try {
    const { facts, late } = await archiveUntilCut(cut, disks);
    disks.unmount();
    disks.mount();
    checkNames(disks.root, prepared.expected, facts, found);
    const { imagesInFlight: _, ...options } = optionsOf(cut, disks);
    if (!lies) {
      const recovered = await recover(options, { expected: prepared.expected, facts, verdict: found, late });
      ms = recovered.ms;
      sum.late += late.length;
      sum.gone += recovered.gone;
    }
  } finally {
    disks.unmount();
  }
  if (lies || found.violations.length === 0) rmSync(place, { recursive: true, force: true });
  addVerdict(sum.verdict, found, `${order.join(', then ')} cut after ${after} facts`);
  return ms;
}

function optionsOf({ prepared: { scenario, store } }: Cut, { root, ledger }: Disks): ChildOptions {
  return { ...layerOptions(root, scenario, store), ...(ledger === undefined ? {} : { ledger }) };
}

/**
 * What was told before the power began to go, and what the process told while it went. That promises nothing: no process lives on in a real cut, and an
 * fsync that is under way while this ext4 is shut down may return without an error though its journal was dropped.
 */
interface Told {
  readonly facts: Acknowledgement[];
  readonly late: Acknowledgement[];
}

async function archiveUntilCut(cut: Cut, disks: Disks): Promise<Told> {
  const { after, place, lies, order } = cut;
  mkdirSync(disks.root);
  const shim = new Shim(join(place, 'control'), place, { action: lies ? 'lie' : 'count', at: lies ? 1 : 0 });
  const told: ToldFact[] = [];
  let cutAt = 0n;
  await runChild({
    script: distFile('test/chaos/storage/child.js'),
    args: [JSON.stringify(optionsOf(cut, disks))],
    environment: shim.environment,
    onLine: (line, process) => {
      if (!('state' in line)) return;
      told.push(line as unknown as ToldFact);
      if (told.length !== after) return;
      cutAt = disks.cut(order);
      killGroup(process);
    },
  });
  shim.close();
  if (told.length < after)
    throw new Error(`the store was archived with ${told.length} facts, before the cut after ${after}`);
  const isInTime = ({ at }: ToldFact) => BigInt(at) < cutAt;
  return { facts: told.filter(isInTime), late: told.filter((fact) => !isInTime(fact)) };
}
