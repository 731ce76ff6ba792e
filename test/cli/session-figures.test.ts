import { describe, expect, it } from 'vitest';
import { SessionFigures } from '../../src/cli/session-figures.js';
import { summarize } from '../../src/cli/summary.js';
import { ArchiverError } from '../../src/model/errors.js';

const summary = ({ problems, latencies }: SessionFigures) =>
  summarize({ rows: [], refused: 0, problems, latencies, targets: [] });

describe('figures of a session', () => {
  it('are exact for a short one: every problem by its code, the first of them, and the latency of every file', () => {
    const figures = new SessionFigures();
    for (const code of ['HEADER_MISSING', 'SOURCE_CRC', 'HEADER_MISSING'] as const)
      figures.problem(new ArchiverError(code));
    for (let ms = 1; ms <= 100; ms++) figures.written(ms);
    expect(summary(figures)).toMatchObject({
      problems: { HEADER_MISSING: 2, SOURCE_CRC: 1 },
      latencyMs: { p50: 50, p95: 95, p99: 99, max: 100 },
    });
    expect(figures.first).toBe('HEADER_MISSING');
  });

  it('of a long one are those of its last files, while problems are counted from its beginning', () => {
    const figures = new SessionFigures();
    for (let file = 0; file < 50_000; file++) {
      figures.problem(new ArchiverError('HEADER_MISSING'));
      figures.written(file < 40_000 ? 9999 : 7);
    }
    expect(figures.latencies).toHaveLength(10_000);
    expect(summary(figures)).toMatchObject({ problems: { HEADER_MISSING: 50_000 }, latencyMs: { p50: 7, max: 7 } });
  });
});
