import { quantiles } from '../src/telemetry/quantiles.js';
import type { Entry } from './cases.js';
import { gathered, mapValues, median, medians } from './statistics.js';
import type { BenchRecord, Cpu, StageQuantiles, TrialResult, Variant } from './types.js';

/** One contender that is measured, and what its trials gave. */
export interface Lane {
  /** `<case>`, with variant and forced instruction set. */
  readonly id: string;
  readonly name: string;
  readonly entry: Entry;
  readonly variant: Variant;
  /** Ours alone; null for the best of the machine. */
  readonly cpu: Cpu | null;
  readonly results: TrialResult[];
  failed?: string;
}

export function recordOf({ id, entry, results, failed }: Lane): BenchRecord {
  const head = { case: id, contender: entry.contender };
  if (failed !== undefined) return { ...head, failed };
  const samples = results.map(({ ms }) => median(ms));
  const figures = mapValues(medians(results.map((result) => result.figures ?? {})), round);
  const stages = stageQuantiles(results);
  return {
    ...head,
    medianMs: round(median(samples)),
    spreadMs: [round(Math.min(...samples)), round(Math.max(...samples))],
    samplesMs: samples.map(round),
    peakRssBytes: Math.max(...results.map(({ peakRssBytes }) => peakRssBytes)),
    ...(Object.keys(figures).length === 0 ? {} : { figures }),
    ...(Object.keys(stages).length === 0 ? {} : { stages }),
  };
}

function stageQuantiles(results: readonly TrialResult[]): Record<string, StageQuantiles> {
  return mapValues(gathered(results.map(({ stages = {} }) => stages)), (ms) => quantiles(ms) as StageQuantiles);
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
