import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPixels } from '../../src/fits/pixels.js';
import { readFits } from '../../src/fits/reader.js';
import { verifyFits } from '../../src/fits/verify.js';
import type { OpenOptions } from '../../src/native/contract.js';
import { tempDir } from '../support/temp.js';
import { fileSpec, native, openWhole, pack, scienceLayout } from './images.js';

const MAX_PIXEL = 262_143;
const layout = scienceLayout(576, 8);
const options: OpenOptions = { layout, products: ['raw', 'corrected'], compression: 'rice' };

/** Uniform over all 18 bits, and the same in every run. */
function noise(): () => number {
  let state = 7;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 14;
  };
}

const random = noise();
const worst: [string, (i: number) => number][] = [
  ['all saturated', () => MAX_PIXEL],
  ['all zero', () => 0],
  ['random in every bit, which do not compress', random],
  ['from one end of the range to the other, column by column', (i) => (i % 2) * MAX_PIXEL],
  ['zero but for one saturated pixel in each block of columns', (i) => (i % 32 === 31 ? MAX_PIXEL : 0)],
];

test.each(worst)(
  'pixels that are %s stand in the raw file as they were, and both files are sound',
  async (_, pixel) => {
    const pixels = layout.ccds.map((ccd) =>
      ccd.channels.map(() => Int32Array.from({ length: layout.columns * layout.rows }, (_, i) => pixel(i))),
    );
    const handle = openWhole(options, pack(layout, pixels));
    const folder = tempDir();
    for (const [ccd, segments] of pixels.entries()) {
      for (const product of options.products) {
        const names = { path: `${product}${ccd}.fits`, sidecarPath: `${product}${ccd}.json` };
        const spec = fileSpec(options, folder, { ccd, product, ...names });
        const written = await native.finish(handle, spec);
        const path = join(spec.root, spec.path);
        expect(statSync(path).size).toBe(written.bytes);
        expect(verifyFits(path, native).problems).toEqual([]);
        if (product === 'corrected') continue;
        const fits = readFits(path);
        segments.forEach((segment, f) => {
          const hdu = fits.hdus[f + 1] ?? expect.fail(`no HDU of segment ${f}`);
          expect(readPixels(hdu, native)).toEqual(segment);
        });
        fits.close();
      }
    }
    native.drop(handle);
  },
);
