import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { aduCoefficients, ccdBySlot, crosstalkDigest, crosstalkOf, sourceLayout } from '../../src/camera/geometry.js';
import { readPixels } from '../../src/fits/pixels.js';
import { readFits } from '../../src/fits/reader.js';
import { loadNative } from '../../src/native/binding.js';
import type { FileRow } from '../../src/stage/port.js';
import { emulation } from '../daq/emulation.js';
import { SMALL_CAMERA } from '../daq/images.js';
import { type Archived, archive } from '../support/archive.js';
import { samePixels, wordsOf } from '../support/words.js';

const { columns, rows } = sourceLayout(SMALL_CAMERA, '22/0');
const MAX_ADU = 262_143;
/** Serial overscan of the small geometry: its last 16 columns; the first 5 of them still hold deferred charge. */
const PEDESTAL = { first: columns - 16 + 5, end: columns };

interface ReadFile {
  readonly segments: readonly { readonly pixels: Int32Array; readonly kind: string }[];
  /** Cards about crosstalk, in any HDU. */
  readonly crosstalk: Readonly<Record<string, unknown>>;
}

function readFile(root: string, file: FileRow): ReadFile {
  const fits = readFits(join(root, file.path));
  try {
    expect(fits.hdus).toHaveLength(19);
    const cards = fits.hdus.flatMap((hdu) => hdu.cards).filter(({ keyword }) => keyword.startsWith('XTALK'));
    return {
      segments: fits.hdus.slice(1, 17).map((hdu) => ({ pixels: readPixels(hdu, loadNative()), kind: hdu.kind })),
      crosstalk: Object.fromEntries(cards.map(({ keyword, value }) => [keyword, value])),
    };
  } finally {
    fits.close();
  }
}

function filesOf({ rows: images }: Archived, product: 'raw' | 'corrected'): FileRow[] {
  const files = images.flatMap((row) => row.files).filter(({ file }) => file.product === product);
  expect(files).toHaveLength(9);
  return files;
}

/** Mean of the row's pedestal columns: what the correction takes for zero light. */
function pedestals(plane: Int32Array): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => {
    const line = plane.subarray(row * columns + PEDESTAL.first, row * columns + PEDESTAL.end);
    return line.reduce((sum, value) => sum + value, 0) / line.length;
  });
}

/**
 * What crosstalk takes from each pixel of one target, in float64: the sum over sources of c S + c2 S^2, S = raw - P; and the sum of the
 * terms' sizes, which bounds the rounding of a float32 sum.
 */
function subtraction(planes: readonly Int32Array[], sensor: string, target: number) {
  const { ccd } = ccdBySlot(SMALL_CAMERA, 'R22', sensor);
  const crosstalk = crosstalkOf(SMALL_CAMERA, ccd) ?? expect.fail('no coefficients');
  const { linear, quadratic } = aduCoefficients(crosstalk);
  const sum = new Float64Array(columns * rows);
  const size = new Float64Array(columns * rows);
  planes.forEach((plane, source) => {
    const zero = pedestals(plane);
    const c = linear[source * 16 + target] ?? Number.NaN;
    const c2 = quadratic[source * 16 + target] ?? Number.NaN;
    for (let n = 0; n < sum.length; n++) {
      const light = (plane[n] ?? 0) - (zero[Math.floor(n / columns)] ?? 0);
      sum[n] = (sum[n] ?? 0) + c * light + c2 * light * light;
      size[n] = (size[n] ?? 0) + Math.abs(c * light) + Math.abs(c2 * light * light);
    }
  });
  return { sum, size };
}

const corrected = (raw: number, sub: number) => Math.min(MAX_ADU, Math.max(0, raw - Math.ceil(sub - 0.5)));

/** @returns how many pixels are exactly what float64 gives */
function compareCorrected(planes: readonly Int32Array[], sensor: string, segment: number, pixels: Int32Array): number {
  const { sum, size } = subtraction(planes, sensor, segment);
  const raw = planes[segment] ?? new Int32Array();
  let exact = 0;
  for (let n = 0; n < pixels.length; n++) {
    const [value = -1, before = -1, sub = Number.NaN] = [pixels[n], raw[n], sum[n]];
    if (value === corrected(before, sub)) exact++;
    // 32 products and sums of float32, each with a relative rounding of 2^-24, and that of the pedestal.
    const slack = (size[n] ?? 0) * 34 * 2 ** -24;
    const [low, high] = [corrected(before, sub + slack), corrected(before, sub - slack)];
    if (!(value >= low && value <= high)) expect.fail(`${sensor} ${segment} pixel ${n}: ${value}, not ${low}..${high}`);
  }
  return exact;
}

describe.each([
  ['rice', 'compressed-image'],
  ['none', 'image'],
] as const)('an archived image, compression %s', (compression, kind) => {
  it('holds the DAQ words in every segment of the raw files, and the crosstalk formula in the corrected ones', async () => {
    const { emulator, image } = await emulation({ start: 'first-subscriber' });
    const settings = { compression, threads: 2 };
    const archived = await archive({ address: emulator.address, camera: SMALL_CAMERA, settings });
    expect(archived.problems).toEqual([]);

    for (const file of filesOf(archived, 'raw')) {
      const words = wordsOf(SMALL_CAMERA, image.packed.get(locationOf(file)), 'R22', file.file.sensor);
      const { segments, crosstalk } = readFile(archived.root, file);
      expect(crosstalk).toEqual({});
      segments.forEach((segment, index) => {
        expect(segment.kind).toBe(kind);
        expect(samePixels(segment.pixels, words[index])).toBe(true);
      });
    }

    let exact = 0;
    for (const file of filesOf(archived, 'corrected')) {
      const { sensor } = file.file;
      const words = wordsOf(SMALL_CAMERA, image.packed.get(locationOf(file)), 'R22', sensor);
      const { segments, crosstalk } = readFile(archived.root, file);
      expect(crosstalk).toEqual(crosstalkCards(sensor));
      segments.forEach(({ pixels }, index) => {
        exact += compareCorrected(words, sensor, index, pixels);
      });
    }
    expect(exact / (9 * 16 * columns * rows)).toBeGreaterThan(0.999);
  });
});

function locationOf({ file }: FileRow): string {
  return ccdBySlot(SMALL_CAMERA, file.raft, file.sensor).reb.location;
}

function crosstalkCards(sensor: string): Record<string, unknown> {
  const used = crosstalkOf(SMALL_CAMERA, ccdBySlot(SMALL_CAMERA, 'R22', sensor).ccd) ?? expect.fail('no coefficients');
  const order = used.table.quadratic.some((c) => c !== 0) ? 2 : 1;
  return { XTALKCOR: true, XTALKORD: order, XTALKCAL: used.table.name, XTALKSUM: crosstalkDigest(used) };
}
