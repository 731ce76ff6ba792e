import { Answers, attempt } from './answers.js';
import { type BenchCase, CASES, caseId, type Entry } from './cases.js';
import { contender } from './contenders.js';
import { beside } from './figures.js';
import { type Lane, recordOf } from './lane.js';
import { missing } from './peers.js';
import type { Selection } from './select.js';
import type { Trials } from './trials.js';
import type { BenchRecord, Variant } from './types.js';

/** One case: answers of all contenders first, then rounds in which they take turns. */
export class CaseRun {
  private readonly benchCase: BenchCase;
  private readonly variants: readonly Variant[];
  private readonly lanes: readonly Lane[];
  private readonly absent: BenchRecord[] = [];

  constructor(
    private readonly selection: Selection,
    private readonly trials: Trials,
  ) {
    this.benchCase = CASES[selection.name] as BenchCase;
    this.variants = [...new Set(selection.parts.map(({ variant }) => variant))];
    this.lanes = this.variants.flatMap((variant) =>
      this.benchCase.entries.flatMap((entry) => this.lanesOf(entry, variant)),
    );
  }

  /** @param given rounds; undefined for those of the case @throws the reason of an abort */
  async run(given: number | undefined): Promise<BenchRecord[]> {
    const { signal, say, quick } = this.trials.options;
    const { name } = this.selection;
    const answers = new Answers(this.benchCase, this.trials);
    say(`${name}: answers`);
    for (const variant of this.variants) await answers.compare(this.lanes.filter((lane) => lane.variant === variant));
    const rounds = given ?? (quick ? 1 : this.benchCase.rounds);
    for (let round = 0; round < rounds; round++) {
      for (const lane of rotated(this.lanes, round)) {
        if (lane.failed !== undefined) continue;
        say(`${name}: round ${round + 1} of ${rounds}, ${lane.id} ${lane.entry.contender}`);
        await attempt(lane, async () => {
          lane.results.push(await this.trials.measure(lane));
        });
      }
    }
    signal.throwIfAborted();
    return [...withDiskFloors(this.lanes.map(recordOf)), ...this.absent];
  }

  /** Instruction sets concern ours alone; what the machine lacks is reported instead. */
  private lanesOf(entry: Entry, variant: Variant): Lane[] {
    const { name, parts } = this.selection;
    const notRun = missing(entry);
    if (notRun !== undefined) {
      this.absent.push({ case: caseId(name, variant, null), contender: entry.contender, notRun });
      return [];
    }
    const own = parts.filter((part) => part.variant === variant).map(({ cpu }) => cpu);
    const cpus = contender(entry.contender).kind === 'ours' ? own : [null];
    return cpus.map((cpu) => ({ id: caseId(name, variant, cpu), name, entry, variant, cpu, results: [] }));
  }
}

/** Whoever came first in one round comes last in the next. */
function rotated<T>(list: readonly T[], by: number): T[] {
  const first = by % list.length;
  return [...list.slice(first), ...list.slice(0, first)];
}

/** A record of files on disk says what plain writes of the same files take. */
function withDiskFloors(records: readonly BenchRecord[]): BenchRecord[] {
  return records.map((one) => {
    if (one.contender !== 'ours' || !('medianMs' in one)) return one;
    const floor = beside(one.case, records).find((other) => other.contender === 'o-direct-write');
    return floor !== undefined && 'medianMs' in floor
      ? { ...one, figures: { ...one.figures, diskFloorMs: floor.medianMs } }
      : one;
  });
}
