import { join } from 'node:path';
import type { ChaosCase, ChaosContext, ChaosFindings } from './case.js';
import { newVerdict } from './storage/check.js';
import { type CutSum, cutOnce } from './storage/cut.js';
import { prepare, type Scenario } from './storage/faulted.js';
import type { DiskName } from './support/disks.js';

const SCENARIO: Scenario = { name: 'twelve images, two at a time', mode: 'link', images: 12, imagesInFlight: 2 };
/** Facts of a whole run: written and sealed for each of 6 files of an image, delivered for raw at two targets, corrected at one. */
const FACTS = SCENARIO.images * (6 * 2 + 3 * 2 + 3);

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
  run: (context) => runCuts(context, { isSplit: false, orders: [['archive']] }),
};

export const splitPowerCut: ChaosCase = {
  name: 'split-power-cut',
  promise:
    'Where archive and ledger stand on different disks, a power cut of either, or of both in any order, loses nothing that was acknowledged and leaves no partial name.',
  needs: ['root', 'loop', 'preload'],
  units: { test: 1, all: 8, full: 300 },
  unit: 'cuts',
  run: (context) =>
    runCuts(context, {
      isSplit: true,
      orders: [['archive'], ['ledger'], ['archive', 'ledger'], ['ledger', 'archive']],
    }),
};

interface Layout {
  readonly isSplit: boolean;
  readonly orders: readonly (readonly DiskName[])[];
}

async function runCuts(
  { units, folder, random, signal }: ChaosContext,
  { isSplit, orders }: Layout,
): Promise<ChaosFindings> {
  const prepared = await prepare(SCENARIO, folder);
  const sum: CutSum = { verdict: newVerdict(), late: 0, gone: 0 };
  const control: CutSum = { verdict: newVerdict(), late: 0, gone: 0 };
  const recovery: number[] = [];
  let controlsWithoutLoss = 0;
  for (let unit = units.first; unit < units.first + units.count && !signal.aborted; unit++) {
    const after = random.integer(1, FACTS - 1);
    const cut = { prepared, isSplit, place: join(folder, `cut-${unit}`) };
    recovery.push(await cutOnce({ ...cut, after, order: random.pick(orders), lies: false }, sum));
    const lostBefore = control.verdict.lost;
    const all: readonly DiskName[] = isSplit ? ['archive', 'ledger'] : ['archive'];
    await cutOnce(
      { ...cut, place: `${cut.place}-control`, after: Math.max(after, FACTS >> 2), order: all, lies: true },
      control,
    );
    if (control.verdict.lost === lostBefore) controlsWithoutLoss += 1;
  }
  const { violations, ...counts } = sum.verdict;
  if (controlsWithoutLoss > 0)
    violations.push(`${controlsWithoutLoss} controls lost nothing: those cuts prove nothing`);
  const { exposed, lost } = control.verdict;
  return {
    counts: { ...counts, toldAfterCut: sum.late, goneAfterCut: sum.gone },
    ms: { recovery },
    violations,
    control: { exposed, lost },
  };
}
