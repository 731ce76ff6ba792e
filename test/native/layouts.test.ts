import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { smallGeometry, sourceLayout } from '../../src/camera/geometry.js';
import { loadCamera } from '../../src/camera/load.js';
import type { OpenOptions } from '../../src/native/contract.js';
import type { SourceLayout } from '../../src/native/layout.js';
import { cardValue, type RawHdu, splitHdus } from '../support/fits-cards.js';
import { onesComplementSum } from '../support/seal.js';
import { tempDir } from '../support/temp.js';
import { fileSpec, makePixels, native, openWhole, pack } from './images.js';

const LOCATIONS = [
  ['ComCam science REB', 'comcam', '22/0'],
  ['LSSTCam e2v science REB', 'lsstcam', '11/1'],
  ['LSSTCam guider REB', 'lsstcam', '00/1'],
  ['LSSTCam wavefront REB', 'lsstcam', '00/0'],
  ['LATISS', 'latiss', '00/0'],
] as const;

function layoutOf(camera: string, location: string): SourceLayout {
  return sourceLayout(smallGeometry(loadCamera(camera), { columns: 50, rows: 12 }), location);
}

function pixelsOf({ cards, data }: RawHdu, { columns, rows }: SourceLayout): Int32Array {
  const out = new Int32Array(columns * rows);
  if (cardValue(cards, 'ZIMAGE') !== true) {
    native.decodePlain(data, out);
    return out;
  }
  const [descriptors, heap] = [data.subarray(0, rows * 8), data.subarray(rows * 8)];
  native.decodeTiles({ descriptors, heap, columns, rows, blockSize: 32 }, out);
  return out;
}

describe.each(LOCATIONS)('%s', (_, camera, location) => {
  const layout = layoutOf(camera, location);
  const pixels = makePixels(layout, 7);
  const packed = pack(layout, pixels);

  test.each(['rice', 'none'] as const)('its files hold its pixels, compression %s', async (compression) => {
    const options: OpenOptions = { layout, products: ['raw'], compression };
    const folder = tempDir();
    const handle = openWhole(options, packed);
    for (const [ccd, segments] of pixels.entries()) {
      const spec = fileSpec(options, folder, { ccd });
      const written = await native.finish(handle, spec);
      const bytes = readFileSync(join(spec.root, spec.path));
      const hdus = splitHdus(bytes);
      expect(written.bytes).toBe(bytes.length);
      expect(hdus.slice(1).map((hdu) => pixelsOf(hdu, layout))).toEqual(segments);
      expect(written.dataSums).toEqual(hdus.map((hdu) => Number(cardValue(hdu.cards, 'DATASUM'))));
      expect(onesComplementSum(bytes)).toBe(0xffffffff);
    }
    native.drop(handle);
  });

  test('unpacks to the pixels that were packed', () => {
    for (const [ccd, segments] of pixels.entries()) {
      const out = segments.map(() => new Int32Array(layout.columns * layout.rows));
      native.unpackRows(layout, layout.rows, packed, ccd, out);
      expect(out).toEqual(segments);
    }
  });
});

test('a CCD that is absent packs as zeros and leaves the others as they are', () => {
  const layout = layoutOf('comcam', '22/1');
  const pixels = makePixels(layout, 3);
  const packed = new Uint8Array(layout.rows * layout.columns * layout.groups * 36);
  native.packRows(
    layout,
    layout.rows,
    pixels.map((segments, ccd) => (ccd === 1 ? segments.map(() => null) : segments)),
    packed,
  );
  const out = pixels.map((segments) => segments.map((segment) => new Int32Array(segment.length)));
  for (const [ccd, segments] of out.entries()) native.unpackRows(layout, layout.rows, packed, ccd, segments);
  expect(out[0]).toEqual(pixels[0]);
  expect(out[2]).toEqual(pixels[2]);
  expect(out[1]?.every((segment) => segment.every((pixel) => pixel === 0))).toBe(true);
});
