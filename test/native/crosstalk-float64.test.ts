import { afterAll, beforeAll, expect, it } from 'vitest';
import { sourceLayout } from '../../src/camera/geometry.js';
import { loadCamera } from '../../src/camera/load.js';
import { readPixels } from '../../src/fits/pixels.js';
import { readFits } from '../../src/fits/reader.js';
import { loadNative } from '../../src/native/binding.js';
import type { SourceLayout } from '../../src/native/layout.js';
import { describeReal, realData } from '../support/real-data.js';

const TS8 = 'fits/TS8_20180724_RTM-010_S11.fits.gz';
const SEGMENTS = 16;
const MAX_PIXEL = 262143;
/** Of one amplifier, all of its columns: the pedestal of that row is as far off as it can be. */
const SATURATED_ROW = 700;
const CPUS = ['scalar', 'avx2', 'avx512'] as const;

const native = loadNative();
const best = native.statistics().cpu;
const layout = sourceLayout(loadCamera('comcam'), '22/0', { corrected: true });
const { columns, rows } = layout;

/** A whole CCD of real pixels and real overscan: each amplifier shows the one real segment from another row on. */
function realStripes(): Int32Array {
  const hdu = readFits(realData(TS8)).hdus[SEGMENTS];
  if (hdu === undefined) throw new Error('no real segment');
  const segment = readPixels(hdu, native);
  const stripes = new Int32Array(columns * rows * SEGMENTS);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      for (let f = 0; f < SEGMENTS; f++) {
        const real = segment[((row + 127 * f) % rows) * columns + column] as number;
        const saturated = f === 3 && row === SATURATED_ROW;
        stripes[(row * columns + column) * SEGMENTS + f] = saturated ? MAX_PIXEL : real;
      }
    }
  }
  return stripes;
}

function add(sums: Float64Array, at: number, value: number): void {
  sums[at] = (sums[at] as number) + value;
}

/** The formula in float64: clip(raw - ceil(sub - 1/2)), sub = the sum over sources of c S + c2 S^2, S = raw - P. */
function inFloat64({ pedestal: [first, end], ccds }: SourceLayout, stripes: Int32Array): Int32Array {
  const { linear, quadratic } = ccds[0]?.crosstalk ?? { linear: [], quadratic: [] };
  const corrected = new Int32Array(stripes.length);
  const means = new Float64Array(SEGMENTS);
  const sub = new Float64Array(SEGMENTS);
  for (let row = 0; row < rows; row++) {
    const at = row * columns * SEGMENTS;
    means.fill(0);
    for (let i = first * SEGMENTS; i < end * SEGMENTS; i++) add(means, i % SEGMENTS, stripes[at + i] as number);
    for (let f = 0; f < SEGMENTS; f++) means[f] = (means[f] as number) / (end - first);
    for (let i = at; i < at + columns * SEGMENTS; i += SEGMENTS) {
      sub.fill(0);
      for (let s = 0; s < SEGMENTS; s++) {
        const signal = (stripes[i + s] as number) - (means[s] as number);
        for (let t = 0, c = s * SEGMENTS; t < SEGMENTS; t++, c++) {
          add(sub, t, (linear[c] as number) * signal + (quadratic[c] as number) * signal * signal);
        }
      }
      for (let t = 0; t < SEGMENTS; t++) {
        const value = (stripes[i + t] as number) - Math.ceil((sub[t] as number) - 0.5);
        corrected[i + t] = Math.min(Math.max(value, 0), MAX_PIXEL);
      }
    }
  }
  return corrected;
}

describeReal('a CCD of real pixels and overscan, with a saturated row', [TS8], () => {
  let stripes: Int32Array;
  let exact: Int32Array;
  beforeAll(() => {
    stripes = realStripes();
    exact = inFloat64(layout, stripes);
  });
  afterAll(() => {
    native.forceCpu(best);
  });

  const runs = new Set(CPUS.filter((cpu) => native.forceCpu(cpu)));
  native.forceCpu(best);

  for (const cpu of CPUS) {
    const title = `is corrected as in float64 but for fewer than 1 pixel of 1,000,000, and 1 adu (${cpu})`;
    const unless = runs.has(cpu) ? '' : ` (not run: this machine has no ${cpu})`;
    it.skipIf(!runs.has(cpu))(`${title}${unless}`, () => expectFloat64(cpu));
  }

  function expectFloat64(cpu: (typeof CPUS)[number]): void {
    native.forceCpu(cpu);
    const corrected = new Int32Array(stripes.length);
    native.correctStripes(layout, 0, stripes, corrected);
    let differing = 0;
    let most = 0;
    let changed = 0;
    for (let i = 0; i < exact.length; i++) {
      if (corrected[i] !== stripes[i]) changed++;
      const distance = Math.abs((corrected[i] as number) - (exact[i] as number));
      if (distance > 0) differing++;
      if (distance > most) most = distance;
    }
    console.log(
      `${cpu}: ${differing} of ${exact.length} pixels differ, by ${most} adu at most; ${changed} were corrected`,
    );
    expect(changed).toBeGreaterThan(exact.length / 10);
    expect(differing).toBeLessThan(exact.length / 1e6);
    expect(most).toBeLessThanOrEqual(1);
  }
});
