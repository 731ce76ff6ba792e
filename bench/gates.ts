import type { Cpu } from './types.js';

/**
 * What is compared with a limit. ratio: contender's median / ours. The others are of our own record; ownRssBytes is the peak without the packed
 * words that the trial itself holds, because the product leaves them in the DAQ.
 */
export type Quantity =
  | 'ratio'
  | 'ms'
  | 'ownRssBytes'
  | 'peakRssBytes'
  | 'packedGBs'
  | 'timeOfBase'
  | 'nodeOverKernel'
  | 'timesLive'
  | 'presenceP99Ms';

export interface Gate {
  readonly case: string;
  readonly quantity: Quantity;
  /** Of a ratio. */
  readonly contender?: string;
  readonly limit: 'at least' | 'at most';
  /** The figure to reach, by the instruction set that ran; the scalar path has none. */
  readonly value: Readonly<Record<Exclude<Cpu, 'scalar'>, number>>;
  readonly unit: string;
  /** Holds only where plain O_DIRECT writes reach so many bytes per second. */
  readonly diskFloor?: number;
}

const FAST_DISK = 2e9;
const both = (value: number) => ({ avx512: value, avx2: value });
const ratio = (name: string, contender: string, avx512: number, avx2: number): Gate => ({
  case: name,
  quantity: 'ratio',
  contender,
  limit: 'at least',
  value: { avx512, avx2 },
  unit: 'x',
});
const ownMost = (name: string, quantity: Quantity, value: number, unit: string): Gate => ({
  case: name,
  quantity,
  limit: 'at most',
  value: both(value),
  unit,
});

/** LSSTCam's DAQ delivers 3.6 GB/s of packed words at its peak; a focal plane must be taken 1.3 times as fast. */
const DAQ_GB_PER_S = 3.6;

/** The figures that the project promises. */
export const GATES: readonly Gate[] = [
  ratio('rice-encode', 'cfitsio', 14, 11),
  ratio('rice-decode', 'cfitsio', 10, 6),
  ratio('ccd-memory', 'cfitsio', 16, 12),
  { ...ratio('raft-disk', 'cfitsio', 13, 9), diskFloor: FAST_DISK },
  { ...ratio('raft-disk', 'numpy+astropy', 50, 35), diskFloor: FAST_DISK },
  ratio('raft-disk', 'o-direct-write', 0.55, 0.55),
  /** At most three times the time of memcpy. */
  ratio('kernel', 'memcpy', 1 / 3, 1 / 3),
  ownMost('kernel', 'nodeOverKernel', 1.05, 'x through Node'),
  ownMost('raft-paced', 'ms', 100, 'ms'),
  { ...ownMost('focal-plane', 'packedGBs', 1.3 * DAQ_GB_PER_S, 'GB/s of packed words'), limit: 'at least' },
  ownMost('focal-plane', 'ms', 2000, 'ms'),
  ownMost('crosstalk+both', 'timeOfBase', 1.9, 'x base'),
  ownMost('kernel+both', 'timeOfBase', 1.9, 'x base'),
  ownMost('ccd-memory+both', 'timeOfBase', 1.9, 'x base'),
  ownMost('raft-disk+both', 'timeOfBase', 1.9, 'x base'),
  { ...ownMost('catch-up', 'timesLive', 2, 'x the rate of the camera'), limit: 'at least' },
  ownMost('latency', 'presenceP99Ms', 5, 'ms'),
  ownMost('raft-disk', 'ownRssBytes', 600e6, 'bytes'),
  ownMost('raft-paced', 'ownRssBytes', 600e6, 'bytes'),
  ownMost('focal-plane', 'peakRssBytes', 6e9, 'bytes'),
];
