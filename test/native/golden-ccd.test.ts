import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { readPixels } from '../../src/fits/pixels.js';
import { readFits } from '../../src/fits/reader.js';
import { loadNative } from '../../src/native/binding.js';
import type { SourceLayout } from '../../src/native/layout.js';
import { bigEndian } from '../support/fits-bytes.js';
import { describeReal, realData } from '../support/real-data.js';

const TS8 = 'fits/TS8_20180724_RTM-010_S11.fits.gz';
const COLUMNS = 576;
const ROWS = 2048;
/** Of a whole CCD in packed words, and of the pixels that it is made of (Rubin raw format: golden vectors, files with real pixels). */
const PACKED_SHA256 = '28c8c26300bda078ee62ddee1aab853eac3ac95580d9031788a2bc81120b35b3';
const PIXELS_SHA256 = '4b40c1d713bdabae0738e9ab6af16889fcb0a2b2a6a974bb10924f99750490e7';

/** One CCD whose segments are its channels, in order. */
const LAYOUT: SourceLayout = {
  groups: 1,
  columns: COLUMNS,
  rows: ROWS,
  xor: 0x1ffff,
  pedestal: [527, 576],
  ccds: [{ group: 0, channels: Array.from({ length: 16 }, (_, channel) => channel) }],
};

describeReal('a whole CCD of real pixels', [TS8], () => {
  it('packs to the published words, and unpacks to the published pixels', () => {
    const core = loadNative();
    const hdu = readFits(realData(TS8)).hdus[16];
    if (hdu === undefined) throw new Error('the file has no Segment00');
    const pixels = readPixels(hdu, core);
    // Channel c holds the segment rolled left by c samples, so that every channel is another image.
    const channels = LAYOUT.ccds[0]?.channels.map((c) => rolled(pixels, c));
    const packed = new Uint8Array(COLUMNS * ROWS * 36);
    core.packRows(LAYOUT, ROWS, [channels ?? []], packed);
    expect(createHash('sha256').update(packed).digest('hex')).toBe(PACKED_SHA256);

    const out = Array.from({ length: 16 }, () => new Int32Array(COLUMNS * ROWS));
    core.unpackRows(LAYOUT, ROWS, packed, 0, out);
    out.forEach((channel, c) => {
      const unrolled = rolled(channel, channel.length - c);
      expect(createHash('sha256').update(bigEndian(unrolled)).digest('hex'), `channel ${c}`).toBe(PIXELS_SHA256);
    });
  });
});

function rolled(pixels: Int32Array, by: number): Int32Array {
  const result = new Int32Array(pixels.length);
  result.set(pixels.subarray(by % pixels.length));
  result.set(pixels.subarray(0, by % pixels.length), pixels.length - (by % pixels.length));
  return result;
}
