import type { PoolStatistics } from '../src/native/contract.js';

export type Cpu = PoolStatistics['cpu'];

/** base: the corrected product by linear coefficients. both: raw and corrected, linear and quadratic coefficients. */
export type Variant = 'base' | 'both';

export type Scene = 'ccd' | 'raft' | 'focal-plane';

/** What one trial process is asked to do. */
export interface TrialSpec {
  readonly case: string;
  readonly contender: string;
  readonly variant: Variant;
  /** Instruction set that our kernels are forced to; null for the best of the machine. */
  readonly cpu: Cpu | null;
  /** Folder of the inputs (bench/inputs.ts). */
  readonly inputs: string;
  /** Empty folder of this trial. */
  readonly out: string;
  /** Leave the answer in `out`, to be compared with the others'. */
  readonly keep: boolean;
  /** Runs before those that are timed. */
  readonly warmups: number;
  readonly iterations: number;
  /** How long after the end of readout the header package comes, in milliseconds. */
  readonly headerDelayMs: number;
}

/** What a trial process prints as its last line. */
export interface TrialResult {
  /** One per iteration. */
  readonly ms: readonly number[];
  readonly peakRssBytes: number;
  /** Further figures, by name: medians of the iterations, or of the trial as a whole. */
  readonly figures?: Readonly<Record<string, number>>;
  /** Milliseconds from the end of readout to each stage, by stage, one per file. */
  readonly stages?: Readonly<Record<string, readonly number[]>>;
}

/** One contender of one case that was measured. */
export interface MeasuredRecord {
  readonly case: string;
  readonly contender: string;
  readonly medianMs: number;
  /** Smallest and largest sample. */
  readonly spreadMs: readonly [least: number, most: number];
  /** One per round: the median of the round's iterations. */
  readonly samplesMs: readonly number[];
  /** The largest of all trials. */
  readonly peakRssBytes: number;
  /** Medians of the trials' figures. */
  readonly figures?: Readonly<Record<string, number>>;
  /** Of all files of all trials. */
  readonly stages?: Readonly<Record<string, StageQuantiles>>;
}

export interface StageQuantiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export type BenchRecord =
  | MeasuredRecord
  | { readonly case: string; readonly contender: string; readonly notRun: string }
  | { readonly case: string; readonly contender: string; readonly failed: string };
