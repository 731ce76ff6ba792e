import { describe, expect, it } from 'vitest';
import { summarize } from '../../bench/figures.js';
import { table } from '../../bench/table.js';
import type { BenchRecord, MeasuredRecord } from '../../bench/types.js';

const CPUS = ['avx512', 'avx2', 'scalar'] as const;

function measured(id: string, contender: string, samplesMs: number[], more: Partial<MeasuredRecord> = {}): BenchRecord {
  const spreadMs = [Math.min(...samplesMs), Math.max(...samplesMs)] as const;
  const medianMs = samplesMs[1] ?? 0;
  return { case: id, contender, medianMs, spreadMs, samplesMs, peakRssBytes: 1e8, ...more };
}

function lines(records: readonly BenchRecord[]): string[] {
  return table(records, summarize(records, 'avx512', CPUS)).split('\n');
}

describe('the table of a run', () => {
  it('has median, least, most, rounds, ratio and memory of every contender, and says who was not run and why', () => {
    const text = lines([
      measured('checksum', 'ours', [1, 2, 3]),
      measured('checksum', 'memcpy', [0.5, 1, 4]),
      { case: 'checksum', contender: 'cfitsio', notRun: 'install the package libcfitsio-dev' },
    ]);
    expect(text.find((line) => line.includes('memcpy'))).toMatch(
      /^ {2}memcpy +1\.00 +0\.50 +4\.00 +3 +0\.50x +100 {2}floor/,
    );
    expect(text.find((line) => line.includes('cfitsio'))).toMatch(/- +not run: install the package libcfitsio-dev$/);
    expect(text.join('\n')).toContain(
      'This machine runs avx512, avx2, scalar; unless a case says otherwise it ran avx512.',
    );
  });

  it('says how fast the packed words went, when the last band was compressed, and what the disk alone takes', () => {
    const figures = { packedGBs: 4.75, packedBytes: 8.663e9, fileBytes: 3.75e9, computeMs: 1700, diskFloorMs: 1250 };
    expect(lines([measured('focal-plane', 'ours', [1, 2, 3], { figures })])).toContain(
      '  ours: 4.75 GB/s of packed words; 8663 MB of them; 3750 MB of files; last band compressed after 1700.0 ms; ' +
        'plain O_DIRECT writes of the files take 1250.0 ms',
    );
  });

  it('has p50, p95, p99 and the largest of each stage in the order in which they are reached', () => {
    const stages = { archived: { p50: 5, p95: 6, p99: 7, max: 8 }, durable: { p50: 1, p95: 2, p99: 3, max: 4 } };
    const text = lines([measured('latency', 'ours', [1, 2, 3], { stages })]);
    const first = text.findIndex((line) => /p50 +p95 +p99 +max/.test(line));
    expect(text[first + 1]).toMatch(/durable +1\.0 +2\.0 +3\.0 +4\.0$/);
    expect(text[first + 2]).toMatch(/archived +5\.0 +6\.0 +7\.0 +8\.0$/);
  });

  it('sets the contenders beside each path of ours', () => {
    const text = lines([
      measured('rice-encode', 'ours', [1, 2, 3]),
      measured('rice-encode@avx2', 'ours', [2, 4, 6]),
      measured('rice-encode', 'cfitsio', [20, 40, 60]),
    ]);
    const ratios = text.filter((line) => line.includes("Debian's cfitsio")).map((line) => /[\d.]+x/.exec(line)?.[0]);
    expect(ratios).toEqual(['20.00x', '10.00x']);
  });
});
