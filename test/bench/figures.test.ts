import { describe, expect, it } from 'vitest';
import { summarize } from '../../bench/figures.js';
import type { BenchRecord, MeasuredRecord } from '../../bench/types.js';

const ALL = ['avx512', 'avx2', 'scalar'] as const;

function measured(id: string, contender: string, medianMs: number, more: Partial<MeasuredRecord> = {}): BenchRecord {
  const spreadMs = [medianMs, medianMs] as const;
  return { case: id, contender, medianMs, spreadMs, samplesMs: [medianMs], peakRssBytes: 1e8, ...more };
}

describe('the figures of a benchmark run', () => {
  it('give how many times longer each contender took than ours', () => {
    const records = [measured('checksum', 'ours', 2), measured('checksum', 'cfitsio', 9)];
    expect(summarize(records, 'avx512', ALL).ratios).toEqual({ 'checksum/cfitsio': 4.5 });
  });

  it('compare a forced instruction set with the same contenders, and hold it to its own limit', () => {
    const records = [
      measured('rice-encode', 'ours', 5),
      measured('rice-encode@avx2', 'ours', 6),
      measured('rice-encode', 'cfitsio', 69),
    ];
    const { ratios, gates } = summarize(records, 'avx512', ALL);
    expect(ratios).toEqual({ 'rice-encode/cfitsio': 13.8, 'rice-encode@avx2/cfitsio': 11.5 });
    expect(gates.map(({ figure, required, outcome }) => [figure, required, outcome])).toEqual([
      ['rice-encode/cfitsio', 14, 'miss'],
      ['rice-encode@avx2/cfitsio', 11, 'pass'],
    ]);
  });

  it('hold files on disk to their figures only where the disk is fast enough', () => {
    const raft = (diskMs: number) =>
      summarize(
        [
          measured('raft-disk', 'ours', 100, { figures: { fileBytes: 170e6, diskFloorMs: diskMs, inputBytes: 38e6 } }),
          measured('raft-disk', 'cfitsio', 1200),
          measured('raft-disk', 'o-direct-write', diskMs),
        ],
        'avx512',
        ALL,
      ).gates.map(({ figure, outcome }) => `${figure} ${outcome}`);
    expect(raft(60)).toContain('raft-disk/cfitsio miss');
    expect(raft(170)).toContain('raft-disk/cfitsio not applicable');
    expect(raft(170)).toContain('raft-disk/o-direct-write pass');
    expect(raft(60)).toContain('raft-disk/ownRssBytes pass');
  });

  it('measure both products against the base variant, and Node against the kernels', () => {
    const records = [
      measured('kernel', 'ours', 10),
      measured('kernel', 'node', 10.6),
      measured('kernel+both', 'ours', 18),
    ];
    const outcomes = summarize(records, 'avx2', ALL).gates.map(({ figure, value, outcome }) => [
      figure,
      value,
      outcome,
    ]);
    expect(outcomes).toEqual([
      ['kernel/nodeOverKernel', 1.06, 'miss'],
      ['kernel+both/timeOfBase', 1.8, 'pass'],
    ]);
  });

  it('compare the assembler with the kernels of the same instruction set only', () => {
    const records = [
      measured('kernel', 'ours', 10),
      measured('kernel', 'node', 11),
      measured('kernel@avx2', 'ours', 20),
      measured('kernel@avx2', 'node', 21),
    ];
    expect(summarize(records, 'avx512', ALL).ratios).toEqual({ 'kernel/node': 1.1, 'kernel@avx2/node': 1.05 });
  });

  it('leave out what failed or was not run', () => {
    const records: BenchRecord[] = [
      measured('checksum', 'ours', 2),
      { case: 'checksum', contender: 'cfitsio', notRun: 'install the package libcfitsio-dev' },
      { case: 'checksum', contender: 'memcpy', failed: 'wrong answer' },
    ];
    expect(summarize(records, 'avx512', ALL)).toMatchObject({ ratios: {}, gates: [] });
  });
});
