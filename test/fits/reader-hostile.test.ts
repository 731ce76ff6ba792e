import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forEachBand, openImage } from '../../src/fits/pixels.js';
import { readFitsBytes } from '../../src/fits/reader.js';
import { verifyFits } from '../../src/fits/verify.js';
import { ArchiverError } from '../../src/model/errors.js';
import { loadNative } from '../../src/native/binding.js';
import { image, primary, riceImage } from '../support/fits-bytes.js';
import { tempDir } from '../support/temp.js';

const core = loadNative();
const shape = { columns: 64, rows: 40 };
const pixels = Array.from({ length: 64 * 40 }, (_, n) => 20000 + ((n * n) % 977));
const sound = Buffer.concat([
  primary([['OBSID', 'CC_O_20241108_000266']], true),
  image({ ...shape, pixels, extname: 'Segment10' }, true),
  riceImage(
    { ...shape, pixels, extname: 'Segment11', cards: [['ZDATASUM', String(core.pixelSum(Int32Array.from(pixels)))]] },
    true,
  ),
]);

/** Reads all there is to read; what is thrown must be an error of the table, and no defect. */
function readAll(bytes: Buffer): string | undefined {
  try {
    for (const hdu of readFitsBytes('hostile.fits', bytes).hdus) {
      hdu.headerBytes();
      const opened = openImage(hdu, core);
      if (opened !== undefined) forEachBand(opened, () => undefined);
    }
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(ArchiverError);
    const { code } = error as ArchiverError;
    expect(code).not.toBe('INTERNAL');
    expect(code).not.toBe('NATIVE_ARGUMENT');
    return code;
  }
}

const flips = fc.array(fc.record({ at: fc.nat(sound.length - 1), bit: fc.nat(7) }), { minLength: 1, maxLength: 8 });

describe('a hostile FITS file', () => {
  it('with flipped bits is read or refused, never a crash nor a flood of memory', () => {
    const before = process.memoryUsage().rss;
    fc.assert(
      fc.property(flips, (where) => {
        const bytes = Buffer.from(sound);
        for (const { at, bit } of where) bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
        readAll(bytes);
      }),
      { numRuns: 1000 },
    );
    expect(process.memoryUsage().rss - before).toBeLessThan(64e6);
  });

  it('with digits changed in its headers is read or refused', () => {
    const digits = [...sound.subarray(0, sound.length)].flatMap((byte, at) =>
      byte >= 0x30 && byte <= 0x39 ? [at] : [],
    );
    const before = process.memoryUsage().rss;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...digits), fc.constantFrom(...'0123456789-. ')), {
          minLength: 1,
          maxLength: 6,
        }),
        (edits) => {
          const bytes = Buffer.from(sound);
          for (const [at, digit] of edits) bytes.write(digit, at, 'latin1');
          readAll(bytes);
        },
      ),
      { numRuns: 1000 },
    );
    expect(process.memoryUsage().rss - before).toBeLessThan(64e6);
  });

  it('with changed descriptors is read or refused', () => {
    const table = readFitsBytes('x', sound).hdus[2]?.data.offset ?? 0;
    fc.assert(
      fc.property(fc.nat(79), fc.integer({ min: 0, max: 0xffffffff }), (word, value) => {
        const bytes = Buffer.from(sound);
        bytes.writeUInt32BE(value, table + word * 4);
        readAll(bytes);
      }),
      { numRuns: 500 },
    );
  });

  it('cut anywhere is refused, but for a cut between two HDUs', () => {
    const ends = readFitsBytes('x', sound).hdus.map(({ header }) => header.offset);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: sound.length - 1 }), (length) => {
        const code = readAll(sound.subarray(0, length));
        if (length > 0 && ends.includes(length)) expect(code).toBeUndefined();
        else expect(code).toBe('FITS_INVALID');
      }),
      { numRuns: 300 },
    );
  });

  it('does not pass verification when one bit of it is flipped', () => {
    const path = join(tempDir(), 'flipped.fits');
    writeFileSync(path, sound);
    expect(verifyFits(path, core).problems).toEqual([]);
    fc.assert(
      fc.property(fc.nat(sound.length - 1), fc.nat(7), (at, bit) => {
        const bytes = Buffer.from(sound);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
        writeFileSync(path, bytes);
        expect(verifyFits(path, core).problems).not.toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
