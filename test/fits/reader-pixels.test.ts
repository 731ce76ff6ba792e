import { describe, expect, it } from 'vitest';
import { forEachBand, openImage, readPixels } from '../../src/fits/pixels.js';
import { readFitsBytes } from '../../src/fits/reader.js';
import { loadNative } from '../../src/native/binding.js';
import { type CardSpec, hdu, image, imageCards, primary, riceImage, type TableSpec } from '../support/fits-bytes.js';

const core = loadNative();

function pixelsOf(extension: Buffer): Int32Array {
  const [, second] = readFitsBytes('x.fits', Buffer.concat([primary(), extension])).hdus;
  if (second === undefined) throw new Error('the file has one HDU only');
  return readPixels(second, core);
}

// A ramp with jumps and flat parts, 18-bit values as the camera has them, and two that need all 32 bits.
function ramp(count: number): number[] {
  return Array.from({ length: count }, (_, n) => (n % 40 < 32 ? 25000 + ((n * 7919) % 300) : 262143)).with(0, -5);
}

describe('plain pixels', () => {
  it('of 32 bits are signed and big-endian', () => {
    const pixels = [1, -1, 262143, -2147483648, 2147483647, 0];
    expect([...pixelsOf(image({ columns: 3, rows: 2, pixels }))]).toEqual(pixels);
  });

  it('of 16 bits become unsigned with BZERO 32768, as test stands wrote them', () => {
    const data = Buffer.from('80007fff0000ffff', 'hex');
    const cards = (extra: CardSpec[]) => imageCards({ columns: 2, rows: 2, pixels: [], cards: extra }, 16);
    expect([...pixelsOf(hdu({ cards: cards([]), data }))]).toEqual([-32768, 32767, 0, -1]);
    const unsigned = cards([
      ['BSCALE', 1],
      ['BZERO', 32768],
    ]);
    expect([...pixelsOf(hdu({ cards: unsigned, data }))]).toEqual([0, 65535, 32768, 32767]);
  });

  it('of 8 bits are unsigned', () => {
    const cards = imageCards({ columns: 2, rows: 1, pixels: [] }, 8);
    expect([...pixelsOf(hdu({ cards, data: Buffer.from([0, 255]) }))]).toEqual([0, 255]);
  });

  it.each([
    ['floating point', imageCards({ columns: 1, rows: 1, pixels: [] }, -32), 'BITPIX -32'],
    ['a scale', imageCards({ columns: 1, rows: 1, pixels: [], cards: [['BSCALE', 0.5]] }, 32), 'BSCALE 0.5'],
    ['unsigned 32 bits', imageCards({ columns: 1, rows: 1, pixels: [], cards: [['BZERO', 2 ** 31]] }, 32), 'BZERO'],
  ])('%s is refused as not decoded here', (_name, cards, problem) => {
    const refused = expect.objectContaining({ code: 'FITS_UNSUPPORTED', message: expect.stringContaining(problem) });
    expect(() => pixelsOf(hdu({ cards, data: Buffer.alloc(4) }))).toThrow(refused);
  });

  it('an HDU without pixels has no image', () => {
    const [only] = readFitsBytes('x.fits', primary()).hdus;
    expect(only && openImage(only, core)).toBeUndefined();
    expect(() => only && readPixels(only, core)).toThrow('HDU 0: it holds no image');
  });
});

describe('RICE_1 tiles', () => {
  const spec = { columns: 100, rows: 7, pixels: ramp(700) };

  it.each<[string, Partial<TableSpec>]>([
    ['of one row', {}],
    ['of two rows, the last cut', { tileRows: 2 }],
    ['of the whole image', { tileRows: 7 }],
    ['higher than the image', { tileRows: 9 }],
    ['in blocks of 16', { blockSize: 16 }],
    ['with 64-bit descriptors', { wide: true }],
    ['with a gap before the heap', { gap: 40 }],
  ])('%s give the pixels back', (_name, variant) => {
    expect([...pixelsOf(riceImage({ ...spec, ...variant }))]).toEqual(spec.pixels);
  });

  it('are decoded in pieces of bounded size', () => {
    const rows = 1100;
    const pixels = ramp(1000 * rows);
    const [, table] = readFitsBytes('x', Buffer.concat([primary(), riceImage({ columns: 1000, rows, pixels })])).hdus;
    const opened = table && openImage(table, core);
    if (opened === undefined) throw new Error('no image');
    const seen: number[] = [];
    let sum = 0;
    forEachBand(opened, (band) => {
      seen.push(band.length);
      sum = core.pixelSum(band, sum);
    });
    expect(seen).toEqual([1048000, 52000]);
    expect(sum).toBe(core.pixelSum(Int32Array.from(pixels)));
  });

  const change = (keyword: string, value: CardSpec[1]) => (cards: CardSpec[]) =>
    cards.map((card): CardSpec => (card[0] === keyword ? [keyword, value as number] : card));

  it.each([
    ['GZIP_1', change('ZCMPTYPE', 'GZIP_1'), 'compression GZIP_1'],
    ['16-bit pixels', change('ZBITPIX', 16), 'ZBITPIX 16'],
    ['2 bytes per pixel', change('ZVAL2', 2), 'BYTEPIX 2'],
    ['blocks of 64', change('ZVAL1', 64), 'BLOCKSIZE 64'],
    ['tiles of half a row', change('ZTILE1', 50), 'tiles of 50 x 1 in an image of 100 x 7'],
    ['16-bit columns', change('TFORM1', '1PI(9)'), 'columns other than'],
  ])('%s are refused as not decoded here', (_name, edit, problem) => {
    const refused = expect.objectContaining({ code: 'FITS_UNSUPPORTED', message: expect.stringContaining(problem) });
    expect(() => pixelsOf(riceImage({ ...spec, edit }))).toThrow(refused);
  });

  it.each([
    ['more rows than tiles', change('ZNAXIS2', 8), 'the table has 7 rows for 8 tiles'],
    ['rows wider than their bytes can hold', change('ZNAXIS1', 1e6), 'tiles of 100 x 1'],
    ['a heap that begins beyond the data', (cards: CardSpec[]) => [...cards, ['THEAP', 1e6] as const], 'THEAP 1000000'],
    ['negative axes', change('ZNAXIS1', -100), 'ZNAXIS1 must be an integer'],
  ])('%s are refused before anything is allocated', (_name, edit, problem) => {
    expect(() => pixelsOf(riceImage({ ...spec, edit }))).toThrow(problem);
  });

  it('that claim more pixels than their bytes can hold are refused', () => {
    const edit = (cards: CardSpec[]) => change('ZTILE1', 1_000_000)(change('ZNAXIS1', 1_000_000)(cards));
    expect(() => pixelsOf(riceImage({ ...spec, edit }))).toThrow(/tile 0 has \d+ bytes, 1000000 pixels need at least/);
  });

  it('that share bytes of the heap are refused, for few bytes would stand for any number of pixels', () => {
    const pixels = Array.from({ length: 700 }, (_, n) => (n < 100 ? n * n : 5));
    const bytes = Buffer.concat([primary(), riceImage({ ...spec, pixels })]);
    const [, table] = readFitsBytes('x', bytes).hdus;
    const at = table?.data.offset ?? 0;
    for (let row = 1; row < 7; row++) bytes.copy(bytes, at + row * 8, at, at + 8);
    expect(() => table && readPixels(table, core)).toThrow(/its tiles claim \d+ of the heap's \d+ bytes: they overlap/);
  });

  it('that are damaged are told by their number in the image', () => {
    const bytes = Buffer.concat([primary(), riceImage({ ...spec, gap: 0 })]);
    const [, table] = readFitsBytes('x.fits', bytes).hdus;
    const at = table?.data.offset ?? 0;
    const tile = at + 56 + bytes.readUInt32BE(at + 4 * 8 + 4);
    bytes.writeUInt8(0xf8, tile + 4);
    const damaged = { code: 'RICE_INVALID', message: expect.stringContaining('Compressed tile 5 of HDU 1 in x.fits') };
    expect(() => table && readPixels(table, core)).toThrow(expect.objectContaining(damaged));
  });
});
