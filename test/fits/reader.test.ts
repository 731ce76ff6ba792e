import { closeSync, ftruncateSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readFits, readFitsBytes } from '../../src/fits/reader.js';
import { type CardSpec, hdu, header, image, imageCards, pad, primary, riceImage } from '../support/fits-bytes.js';
import { tempDir } from '../support/temp.js';

const small = { columns: 4, rows: 3, pixels: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] };
const file = Buffer.concat([
  primary([
    ['OBSID', 'CC_O_20241108_000266'],
    ['STUTTER ROWS', 0],
  ]),
  image({ ...small, extname: 'Segment10' }),
  riceImage({ ...small, extname: 'Segment11' }),
  hdu({
    cards: [
      ['XTENSION', 'BINTABLE'],
      ['BITPIX', 8],
      ['NAXIS', 2],
      ['NAXIS1', 0],
      ['NAXIS2', 0],
      ['PCOUNT', 0],
      ['GCOUNT', 1],
      ['TFIELDS', 0],
      ['EXTNAME', 'REB_COND'],
    ],
  }),
]);

function writeTemp(name: string, bytes: Uint8Array): string {
  const path = join(tempDir(), name);
  writeFileSync(path, bytes);
  return path;
}

describe('a FITS file', () => {
  it('is listed HDU by HDU with kind, name and place', () => {
    const fits = readFits(writeTemp('a.fits', file));
    expect(fits.hdus.map(({ index, kind, extname }) => [index, kind, extname])).toEqual([
      [0, 'primary', undefined],
      [1, 'image', 'Segment10'],
      [2, 'compressed-image', 'Segment11'],
      [3, 'bintable', 'REB_COND'],
    ]);
    expect(fits.hdus[1]).toMatchObject({ header: { offset: 2880, bytes: 2880 }, data: { offset: 5760, bytes: 48 } });
    expect(fits.hdus[0]?.value('OBSID')).toBe('CC_O_20241108_000266');
    expect(fits.hdus[0]?.value('STUTTER ROWS')).toBe(0);
    expect(fits.hdus[0]?.value('ABSENT')).toBeUndefined();
    fits.close();
  });

  it('is gzipped when its first bytes say so, whatever it is called', () => {
    for (const [name, bytes] of [
      ['plain.fits.gz', file],
      ['zipped.fits', gzipSync(file)],
      ['fpacked.fits.fz', gzipSync(file)],
    ] as const) {
      const fits = readFits(writeTemp(name, bytes));
      expect(fits.size).toBe(file.length);
      expect(Buffer.from(fits.hdus[1]?.dataBytes(0, 8) ?? [])).toEqual(Buffer.from([0, 0, 0, 1, 0, 0, 0, 2]));
      fits.close();
    }
  });

  it('of any size is listed without being read', () => {
    const path = join(tempDir(), 'sparse.fits');
    const sparse = header(imageCards({ columns: 32768, rows: 32768, pixels: [] }, 32));
    const descriptor = openSync(path, 'w');
    writeSync(descriptor, Buffer.concat([primary(), sparse]));
    ftruncateSync(descriptor, 5760 + Math.ceil(2 ** 32 / 2880) * 2880);
    closeSync(descriptor);
    const before = process.memoryUsage().rss;
    const fits = readFits(path);
    expect(fits.hdus[1]?.data.bytes).toBe(2 ** 32);
    fits.close();
    expect(process.memoryUsage().rss - before).toBeLessThan(64e6);
  });

  it('that cannot be opened is told by its path', () => {
    const folder = tempDir();
    mkdirSync(join(folder, 'folder.fits'));
    expect(() => readFits(join(folder, 'none.fits'))).toThrow(expect.objectContaining({ code: 'FILE_MISSING' }));
    expect(() => readFits(join(folder, 'folder.fits'))).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }));
  });
});

const structure: CardSpec[] = [
  ['SIMPLE', true],
  ['BITPIX', 8],
  ['NAXIS', 0],
];
const imageWith = (edit: (cards: CardSpec[]) => CardSpec[]) =>
  Buffer.concat([primary(), hdu({ cards: edit(imageCards(small, 32)), data: Buffer.alloc(48) })]);
const replace = (keyword: string, value: CardSpec[1]) => (cards: CardSpec[]) =>
  cards.map((card): CardSpec => (card[0] === keyword ? [keyword, value as number] : card));

describe('what is no sound FITS file is refused with HDU and reason', () => {
  it.each([
    ['an empty file', Buffer.alloc(0), 'it is empty'],
    ['text', Buffer.from('This is bad data\n'), 'HDU 0: it does not begin with SIMPLE'],
    ['SIMPLE = F', header([['SIMPLE', false], ...structure.slice(1)]), 'SIMPLE is not T'],
    ['BITPIX 7', header([structure[0] ?? '', ['BITPIX', 7], ['NAXIS', 0]]), 'BITPIX 7'],
    ['BITPIX as text', header([structure[0] ?? '', ['BITPIX', '32'], ['NAXIS', 0]]), 'BITPIX 32'],
    ['cards out of order', header([structure[0] ?? '', ['NAXIS', 0], ['BITPIX', 8]]), 'card 2 must be BITPIX'],
    ['a missing axis', imageWith((cards) => cards.filter(([keyword]) => keyword !== 'NAXIS2')), 'must be NAXIS2'],
    ['a fractional axis', imageWith(replace('NAXIS1', 4.5)), 'NAXIS1 must be an integer'],
    ['a negative axis', imageWith(replace('NAXIS2', -3)), 'NAXIS2 must be an integer'],
    ['an axis beyond the file', imageWith(replace('NAXIS2', 3000)), 'HDU 1: 48000 bytes of data'],
    ['axes whose product is beyond counting', imageWith(replace('NAXIS2', 9e15)), 'end beyond'],
    ['a thousand axes', imageWith(replace('NAXIS', 1000)), 'NAXIS must be an integer of 0 to 999'],
    ['an image with PCOUNT', imageWith(replace('PCOUNT', 4)), 'PCOUNT 0 and GCOUNT 1'],
    ['no END', Buffer.alloc(5760, Buffer.from('SIMPLE  =                    T'.padEnd(80))), 'no END card'],
    ['a file cut in its last block', file.subarray(0, file.length - 100), 'no END card'],
    ['data cut short', imageWith((cards) => cards).subarray(0, 5760 + 40), 'cut short'],
    ['bytes after the last HDU', Buffer.concat([file, pad(Buffer.from('junk'), 0)]), 'HDU 4: the bytes after'],
    ['a damaged gzip', gzipSync(file).subarray(0, 200), 'gzip is damaged'],
    ['gzipped text', gzipSync('This is bad data'), 'gzipped, but not FITS'],
  ])('%s', (_name, bytes, problem) => {
    const invalid = expect.objectContaining({ code: 'FITS_INVALID', message: expect.stringContaining(problem) });
    expect(() => readFitsBytes('x.fits', bytes)).toThrow(invalid);
    expect(() => readFits(writeTemp('x.fits', bytes))).toThrow(invalid);
  });

  it('a gzip bomb is refused before it unpacks', () => {
    const bomb = gzipSync(Buffer.alloc(100e6));
    const before = process.memoryUsage().rss;
    expect(() => readFitsBytes('bomb.fits', bomb)).toThrow('gzipped, but not FITS');
    expect(process.memoryUsage().rss - before).toBeLessThan(64e6);
  });
});
