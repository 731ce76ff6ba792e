import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BenchCase, CASES } from './cases.js';
import { differenceOf, fitsFiles } from './compare.js';
import { contender } from './contenders.js';
import { paths } from './inputs.js';
import type { Lane } from './lane.js';
import type { Trials } from './trials.js';

/** Correctness before time: whoever answers differently from ours is not timed, and said to have failed. */
export class Answers {
  private readonly folder: string;
  private readonly own: string;

  constructor(
    private readonly benchCase: BenchCase,
    private readonly trials: Pick<Trials, 'answer' | 'options'>,
  ) {
    this.folder = join(trials.options.folder, 'trials', 'answers');
    this.own = join(this.folder, 'ours');
  }

  /** Of one variant's lanes. */
  async compare(lanes: readonly Lane[]): Promise<void> {
    const [ours, ...others] = lanes.filter(({ entry }) => contender(entry.contender).answer !== undefined);
    if (ours === undefined) return;
    try {
      await attempt(ours, () => this.answerOf(ours));
      for (const lane of others) await attempt(lane, () => this.compareWithOurs(lane, ours));
    } finally {
      rmSync(this.folder, { recursive: true, force: true });
    }
  }

  /** Where nobody else computes it, it must be what `raft-disk` makes of the same words; cfitsio and astropy give that answer too. */
  private async answerOf(ours: Lane): Promise<void> {
    await this.trials.answer(ours, this.own);
    if (this.benchCase.answer === 'fits') {
      writeSizes(this.own, paths.sizes(join(this.trials.options.folder, 'inputs'), ours));
    }
    const { raft, answer } = this.benchCase;
    const [entry] = CASES['raft-disk']?.entries ?? [];
    if (raft === undefined || entry === undefined) return;
    const reference = join(this.folder, 'raft');
    await this.trials.answer({ ...ours, name: 'raft-disk', entry, variant: raft }, reference);
    refuse(differenceOf(answer, 'equal', reference, this.own), 'beside raft-disk: ');
  }

  private async compareWithOurs(lane: Lane, ours: Lane): Promise<void> {
    if (ours.failed !== undefined) throw new Error('there is no right answer of ours to compare its own with');
    const theirs = join(this.folder, 'theirs');
    try {
      await this.trials.answer(lane, theirs);
      const closeness = contender(lane.entry.contender).answer ?? 'equal';
      refuse(differenceOf(this.benchCase.answer, closeness, this.own, theirs));
    } finally {
      rmSync(theirs, { recursive: true, force: true });
    }
  }
}

function refuse(difference: string | undefined, beside = ''): void {
  if (difference !== undefined) throw new Error(`wrong answer: ${beside}${difference}`);
}

/** Does something for a lane; what it throws is the lane's failure. */
export async function attempt(lane: Lane, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    lane.failed = (error as Error).message;
  }
}

/** Of the files that ours made, for the plain writes that they are compared with. */
function writeSizes(folder: string, path: string): void {
  const sizes = fitsFiles(folder).map((file) => statSync(file).size);
  writeFileSync(path, `${sizes.join('\n')}\n`);
}
