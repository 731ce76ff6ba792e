import { describe, expect, it } from 'vitest';
import { latencyPicture } from '../../bench/picture.js';

const STAGES = {
  'in OODS': { p50: 480.2, p95: 500, p99: 510, max: 520 },
  durable: { p50: 350.1, p95: 360, p99: 361, max: 370 },
};

describe('the picture of the latency', () => {
  it('shows every stage in the order in which it is reached, with bars as long as their medians', () => {
    const spreadMs = [350, 350] as const;
    const record = { case: 'latency', contender: 'ours', medianMs: 350, spreadMs, samplesMs: [350], peakRssBytes: 0 };
    const svg = latencyPicture({ ...record, stages: STAGES }, 'files < 1 & more');
    expect(svg).toContain('files &lt; 1 &amp; more');
    expect(svg.indexOf('>durable<')).toBeLessThan(svg.indexOf('>in OODS<'));
    const [durable = 0, inOods = 0] = [...svg.matchAll(/<rect x=\S+ y=\S+ width="([\d.]+)"/g)].map((m) => Number(m[1]));
    expect(durable / inOods).toBeCloseTo(350.1 / 480.2, 2);
  });
});
