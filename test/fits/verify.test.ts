import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smallGeometry } from '../../src/camera/geometry.js';
import { loadCamera } from '../../src/camera/load.js';
import { readFits } from '../../src/fits/reader.js';
import { type FileReport, verifyFits } from '../../src/fits/verify.js';
import { loadNative } from '../../src/native/binding.js';
import { writeCcdFile } from '../support/ccd-files.js';
import { type CardSpec, hdu, image, imageCards, primary, riceImage } from '../support/fits-bytes.js';
import { keptTempDir, tempDir } from '../support/temp.js';

const core = loadNative();
const camera = smallGeometry(loadCamera('comcam'), { columns: 72, rows: 32 });
const ours = keptTempDir();
let path = '';

beforeAll(async () => {
  const pixel = (segment: number, column: number, row: number) =>
    25000 + segment * 100 + ((column * 31 + row * 17) % 90);
  path = await writeCcdFile({ camera, folder: ours.path, raft: 'R22', sensor: 'S01', pixel });
});
afterAll(ours.remove);

const found = (report: FileReport) => report.problems.map(({ code, details }) => [code, details.hdu, details.keyword]);

/** A copy of our file, changed. */
function changed(change: (bytes: Buffer) => void, sidecar?: (text: string) => string): FileReport {
  const copy = join(tempDir(), 'copy.fits');
  const bytes = readFileSync(path);
  change(bytes);
  writeFileSync(copy, bytes);
  const text = readFileSync(path.replace('.fits', '.json'), 'utf8');
  writeFileSync(copy.replace('.fits', '.json'), sidecar === undefined ? text : sidecar(text));
  return verifyFits(copy, core);
}

function placeOf(index: number) {
  const file = readFits(path);
  file.close();
  const { header, data } = file.hdus[index] ?? {};
  if (header === undefined || data === undefined) throw new Error(`no HDU ${index}`);
  return { header: header.offset, data: data.offset, bytes: data.bytes };
}

describe('a file of this program', () => {
  it('is proved in every HDU, image and sidecar', () => {
    const report = verifyFits(path, core, 'required');
    expect(report).toMatchObject({
      hdus: 19,
      checksums: { verified: 19, absent: 0 },
      images: { decoded: 16, pixels: 16 * 72 * 32, verified: 16 },
      sidecar: 'agrees',
      problems: [],
    });
  });

  it('uncompressed is proved too', async () => {
    const folder = tempDir();
    const plain = await writeCcdFile({
      camera,
      folder,
      raft: 'R22',
      sensor: 'S01',
      compression: 'none',
      pixel: () => 7,
    });
    const report = verifyFits(plain, core);
    expect(report).toMatchObject({ checksums: { verified: 19, absent: 0 }, images: { decoded: 0 }, problems: [] });
  });

  it('with a changed pixel byte fails in all four sums of that image', () => {
    const { data, bytes } = placeOf(3);
    // The first bits of a tile are its first pixel, so that it decodes to something else.
    const report = changed((file) => file.writeUInt8((file[data + 32 * 8 + 3] ?? 0) ^ 1, data + 32 * 8 + 3));
    expect(bytes).toBeGreaterThan(256);
    expect(found(report)).toEqual([
      ['FITS_CHECKSUM', 3, 'DATASUM'],
      ['FITS_CHECKSUM', 3, 'CHECKSUM'],
      ['FITS_CHECKSUM', 3, 'ZDATASUM'],
      ['FITS_CHECKSUM', 3, 'ZHECKSUM'],
    ]);
  });

  it('with a changed card fails in CHECKSUM, and in ZHECKSUM where the card is the image’s', () => {
    const { header } = placeOf(1);
    const report = changed((file) => {
      const at = file.indexOf('DTV1    =', header) + 29;
      file.writeUInt8((file[at] ?? 0) ^ 1, at);
    });
    expect(found(report)).toEqual([
      ['FITS_CHECKSUM', 1, 'CHECKSUM'],
      ['FITS_CHECKSUM', 1, 'ZHECKSUM'],
    ]);
  });

  it('with a tile that cannot be decoded says which, and looks at the other images', () => {
    const { data } = placeOf(5);
    const report = changed((file) => file.writeUInt8(0xff, data + 32 * 8 + 4));
    expect(report.problems.map(({ code }) => code)).toContain('RICE_INVALID');
    expect(report.problems.find(({ code }) => code === 'RICE_INVALID')?.message).toContain('tile 1 of HDU 5');
    expect(report.images.verified).toBe(15);
  });

  it('cut short is no FITS file', () => {
    const copy = join(tempDir(), 'short.fits');
    writeFileSync(copy, readFileSync(path).subarray(0, -100));
    expect(found(verifyFits(copy, core))).toEqual([['FITS_INVALID', undefined, undefined]]);
  });

  it.each([
    [
      'another value',
      (text: string) => text.replace('"SEQNUM" : 266', '"SEQNUM" : 267'),
      'SEQNUM is 266 in the header, 267',
    ],
    [
      'a missing key',
      (text: string) => text.replace(/ {2}"DAYOBS".*\n/, ''),
      'DAYOBS is "20241108" in the header, null',
    ],
    ['a key too many', (text: string) => text.replace('{', '{"EXTRA": 1,'), 'EXTRA is null in the header, 1'],
    ['broken JSON', (text: string) => text.slice(0, -3), 'JSON'],
    ['a list', () => '[]', 'no JSON object'],
  ])('does not agree with a sidecar of %s', (_name, change, problem) => {
    const report = changed(() => undefined, change);
    expect(report.sidecar).toBe('differs');
    expect(report.problems.map(({ code, message }) => [code, message])).toEqual([
      ['SIDECAR_MISMATCH', expect.stringContaining(problem)],
    ]);
  });

  it('without its sidecar fails only where one is required', () => {
    const copy = join(tempDir(), 'alone.fits');
    writeFileSync(copy, readFileSync(path));
    expect(verifyFits(copy, core)).toMatchObject({ sidecar: 'none', problems: [] });
    expect(found(verifyFits(copy, core, 'required'))).toEqual([['FILE_MISSING', undefined, undefined]]);
  });
});

function verifyBytes(...hdus: Buffer[]): FileReport {
  const file = join(tempDir(), 'foreign.fits');
  writeFileSync(file, Buffer.concat(hdus));
  return verifyFits(file, core);
}

describe('a file of others', () => {
  const pixels = { columns: 3, rows: 2, pixels: [1, 2, 3, 4, 5, 6] };
  const table = (cards: CardSpec[], data = Buffer.alloc(0)) =>
    hdu({ cards: [['XTENSION', 'BINTABLE'], ['BITPIX', 8], ...cards], data });

  it('without sums has no checksum, which is no error', () => {
    expect(verifyBytes(primary(), image(pixels))).toMatchObject({
      checksums: { verified: 0, absent: 2 },
      problems: [],
    });
  });

  it('with floating point pixels is proved by its sums', () => {
    const cards = imageCards(pixels, -32);
    const report = verifyBytes(primary([], true), hdu({ cards, data: Buffer.alloc(24, 0x3f) }, true));
    expect(report).toMatchObject({ checksums: { verified: 2, absent: 0 }, problems: [] });
  });

  it('in a compression that is not decoded here is said not to be proved', () => {
    const edit = (cards: CardSpec[]) =>
      cards.map((card): CardSpec => (card[0] === 'ZCMPTYPE' ? ['ZCMPTYPE', 'GZIP_2'] : card));
    const report = verifyBytes(primary([], true), riceImage({ ...pixels, edit }, true));
    expect(report.problems.map(({ code }) => code)).toEqual(['FITS_UNSUPPORTED']);
    expect(report.checksums.verified).toBe(2);
  });

  it('that lost one CHECKSUM card among others has lost its proof', () => {
    const lost = Buffer.from(image(pixels, true));
    lost.write('CHECKSUX', lost.indexOf('CHECKSUM'), 'latin1');
    const report = verifyBytes(primary([], true), lost);
    expect(report.problems[0]?.message).toContain('HDU 1: it has DATASUM but no CHECKSUM');
  });

  it.each([
    ['an ill-formed card', [primary(['AIRMASS =                  NaN'])], 'card 5 AIRMASS: NaN is no FITS value'],
    ['a repeated NAXIS', [primary([['NAXIS', 2]])], 'card 5 NAXIS stands there again'],
    ['text after END', [primary().fill('x', 500, 501)], 'the header goes on after its END card'],
    ['other fill than zeros', [primary(), image(pixels).fill(' ', 4000, 4001)], 'the fill after its data'],
    [
      'columns that do not add up',
      [
        primary(),
        table(
          [
            ['NAXIS', 2],
            ['NAXIS1', 9],
            ['NAXIS2', 1],
            ['PCOUNT', 0],
            ['GCOUNT', 1],
            ['TFIELDS', 1],
            ['TFORM1', '1D'],
          ],
          Buffer.alloc(9),
        ),
      ],
      'its columns have 8 bytes, its rows 9',
    ],
    [
      'a column without format',
      [
        primary(),
        table([
          ['NAXIS', 2],
          ['NAXIS1', 0],
          ['NAXIS2', 0],
          ['PCOUNT', 0],
          ['GCOUNT', 1],
          ['TFIELDS', 1],
        ]),
      ],
      'TFORM1 is no column format',
    ],
  ])('with %s is not valid', (_name, hdus, problem) => {
    const report = verifyBytes(...hdus);
    expect(report.problems.map(({ code, message }) => [code, message])).toEqual([
      ['FITS_INVALID', expect.stringContaining(problem)],
    ]);
  });

  it('that is not there, or may not be read, is told as such', () => {
    const folder = tempDir();
    expect(found(verifyFits(join(folder, 'none.fits'), core))).toEqual([['FILE_MISSING', undefined, undefined]]);
    const closed = join(folder, 'closed.fits');
    writeFileSync(closed, primary());
    chmodSync(closed, 0);
    const mayRead = process.getuid?.() === 0;
    expect(found(verifyFits(closed, core))).toEqual(mayRead ? [] : [['FILE_UNREADABLE', undefined, undefined]]);
    rmSync(closed);
  });
});
