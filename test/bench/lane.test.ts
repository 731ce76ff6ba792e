import { describe, expect, it } from 'vitest';
import { type Lane, recordOf } from '../../bench/lane.js';
import type { TrialResult } from '../../bench/types.js';

function laneOf(results: TrialResult[]): Lane {
  const entry = { contender: 'ours', warmups: 1, iterations: 3 } as const;
  return { id: 'latency', name: 'latency', entry, variant: 'base', cpu: null, results };
}

describe('the record of a contender', () => {
  it('has the median of its rounds, each the median of its iterations, their spread, and the largest memory', () => {
    const rounds = [
      [9, 1, 2],
      [4, 4, 8],
      [3, 3, 3],
    ].map((ms, i) => ({ ms, peakRssBytes: i, figures: { computeMs: ms[0] ?? 0 } }));
    expect(recordOf(laneOf(rounds))).toEqual({
      case: 'latency',
      contender: 'ours',
      medianMs: 3,
      spreadMs: [2, 4],
      samplesMs: [2, 4, 3],
      peakRssBytes: 2,
      figures: { computeMs: 4 },
    });
  });

  it('has the quantiles of each stage over the files of all rounds', () => {
    const files = [Array.from({ length: 60 }, (_, i) => i + 1), Array.from({ length: 40 }, (_, i) => i + 61)];
    const record = recordOf(laneOf(files.map((ms) => ({ ms: [1], peakRssBytes: 1, stages: { archived: ms } }))));
    expect(record).toMatchObject({ stages: { archived: { p50: 50, p95: 95, p99: 99, max: 100 } } });
  });

  it('is its failure when it failed', () => {
    expect(recordOf({ ...laneOf([]), failed: 'wrong answer' })).toEqual({
      case: 'latency',
      contender: 'ours',
      failed: 'wrong answer',
    });
  });
});
