import type { Random } from './random.js';

/** Counts of a case: a few seconds for `npm test`, minutes for `--all`, those of the promise for `--full`. */
export type Size = 'test' | 'all' | 'full';

/** What a case needs of the machine besides the package itself; what is absent makes it `notRun`, with the reason. */
export type Need = 'root' | 'loop' | 'throttle' | 'preload' | 'faketime' | 'redis';

/** One fault, or one family of faults, and the promise that must survive it. */
export interface ChaosCase {
  /** Lower case with hyphens; what `--case` takes. */
  readonly name: string;
  /** One sentence: what must hold. */
  readonly promise: string;
  readonly needs: readonly Need[];
  /** How many units (crash points, cuts, messages, seconds ...: see `unit`) each size runs. 0: not part of that size. */
  readonly units: Readonly<Record<Size, number>>;
  readonly unit: string;
  /** A negative control is part of the run where the promise is durability: the same fault on a writer that does not fsync. */
  run(context: ChaosContext): Promise<ChaosFindings>;
}

export interface ChaosContext {
  readonly seed: number;
  /** Seeded; the same seed gives the same schedule. */
  readonly random: Random;
  /** First unit and how many, so that a shard or a resumed run does its part only, and how many the whole run has. */
  readonly units: { readonly first: number; readonly count: number; readonly of: number };
  /** Empty, exists, on a disk, removed afterwards unless something was violated. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** One line for people, to stderr. */
  readonly say: (text: string) => void;
}

export interface ChaosFindings {
  /**
   * Whatever was counted, by name. Names with a meaning of their own: `exposed` (acknowledged deliveries that were exposed to the fault),
   * `lost`, `partialNames`, `duplicateEffects`, `undetected`.
   */
  readonly counts: Readonly<Record<string, number>>;
  /** Milliseconds, by name; quantiles are made of them. */
  readonly ms?: Readonly<Record<string, readonly number[]>>;
  /** One sentence each, with what is needed to repeat it; empty when the promise held. */
  readonly violations: readonly string[];
  /** What the negative control lost; a control that loses nothing is a violation. */
  readonly control?: { readonly exposed: number; readonly lost: number };
}
