import { encodeChecksum, onesComplementSum } from './seal.js';

/** FITS files made byte by byte for tests, without the product's writer. Values are written as they are given: wrong ones too. */
export type CardSpec = readonly [keyword: string, value: string | number | boolean | null, comment?: string] | string;

const BLOCK = 2880;

/** Cards with END and fill. A text card stands as it is. */
export function header(cards: readonly CardSpec[]): Buffer {
  return pad(Buffer.from([...cards.map(card), 'END'.padEnd(80)].join(''), 'latin1'), 0x20);
}

function card(spec: CardSpec): string {
  if (typeof spec === 'string') return spec.padEnd(80);
  const [keyword, value, comment] = spec;
  const name = keyword.includes(' ') ? `HIERARCH ${keyword}= ` : `${keyword.padEnd(8)}= `;
  return `${name}${format(value)}${comment === undefined ? '' : ` / ${comment}`}`.padEnd(80);
}

function format(value: string | number | boolean | null): string {
  if (value === null) return ''.padStart(20);
  if (typeof value === 'boolean') return (value ? 'T' : 'F').padStart(20);
  if (typeof value === 'number') return String(value).padStart(20);
  return `'${value.replaceAll("'", "''").padEnd(8)}'`.padEnd(20);
}

/** Up to the next block. */
export function pad(bytes: Buffer, fill: number): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK, fill)]);
}

export interface HduSpec {
  readonly cards: readonly CardSpec[];
  readonly data?: Buffer;
}

/** Header, data, fill. `sealed` adds right DATASUM and CHECKSUM cards. */
export function hdu({ cards, data = Buffer.alloc(0) }: HduSpec, sealed = false): Buffer {
  const padded = data.length === 0 ? data : pad(data, 0);
  if (!sealed) return Buffer.concat([header(cards), padded]);
  const dataSum = onesComplementSum(padded);
  const sums: CardSpec[] = [
    ['CHECKSUM', '0'.repeat(16)],
    ['DATASUM', String(dataSum)],
  ];
  const bytes = Buffer.concat([header([...cards, ...sums]), padded]);
  const at = cards.length * 80 + 11;
  bytes.write(encodeChecksum(onesComplementSum(bytes)), at, 'latin1');
  return bytes;
}

export function primary(cards: readonly CardSpec[] = [], sealed = false): Buffer {
  return hdu({ cards: [['SIMPLE', true], ['BITPIX', 8], ['NAXIS', 0], ['EXTEND', true], ...cards] }, sealed);
}

export interface ImageSpec {
  readonly extname?: string;
  readonly columns: number;
  readonly rows: number;
  readonly pixels: ArrayLike<number>;
  readonly cards?: readonly CardSpec[];
}

/** A plain 32-bit IMAGE extension. */
export function image(spec: ImageSpec, sealed = false): Buffer {
  return hdu({ cards: imageCards(spec, 32), data: bigEndian(spec.pixels) }, sealed);
}

export function imageCards({ extname, columns, rows, cards = [] }: ImageSpec, bitpix: number): CardSpec[] {
  return [
    ['XTENSION', 'IMAGE'],
    ['BITPIX', bitpix],
    ['NAXIS', 2],
    ['NAXIS1', columns],
    ['NAXIS2', rows],
    ['PCOUNT', 0],
    ['GCOUNT', 1],
    ...(extname === undefined ? [] : [['EXTNAME', extname] as const]),
    ...cards,
  ];
}

export function bigEndian(pixels: ArrayLike<number>): Buffer {
  const bytes = Buffer.alloc(pixels.length * 4);
  for (let n = 0; n < pixels.length; n++) bytes.writeInt32BE(pixels[n] ?? 0, n * 4);
  return bytes;
}

export interface TableSpec extends ImageSpec {
  readonly tileRows?: number;
  readonly blockSize?: number;
  /** 1QB descriptors instead of 1PB. */
  readonly wide?: boolean;
  /** Bytes between table and heap. */
  readonly gap?: number;
  /** Changes the cards before they are written: hostile files. */
  readonly edit?: (cards: CardSpec[]) => CardSpec[];
}

/** A RICE_1 compressed image. */
export function riceImage(spec: TableSpec, sealed = false): Buffer {
  const { columns, rows, tileRows = 1, blockSize = 32, wide = false, gap = 0, edit = (cards) => cards } = spec;
  const tiles: Buffer[] = [];
  for (let row = 0; row < rows; row += tileRows) {
    const end = Math.min(rows, row + tileRows) * columns;
    tiles.push(riceTile(Array.prototype.slice.call(spec.pixels, row * columns, end), blockSize));
  }
  const heap = Buffer.concat(tiles);
  const width = wide ? 16 : 8;
  const table = Buffer.alloc(tiles.length * width);
  let offset = 0;
  tiles.forEach((tile, n) => {
    if (wide) {
      table.writeBigUInt64BE(BigInt(tile.length), n * 16);
      table.writeBigUInt64BE(BigInt(offset), n * 16 + 8);
    } else {
      table.writeUInt32BE(tile.length, n * 8);
      table.writeUInt32BE(offset, n * 8 + 4);
    }
    offset += tile.length;
  });
  const longest = Math.max(...tiles.map(({ length }) => length));
  const cards: CardSpec[] = [
    ['XTENSION', 'BINTABLE'],
    ['BITPIX', 8],
    ['NAXIS', 2],
    ['NAXIS1', width],
    ['NAXIS2', tiles.length],
    ['PCOUNT', gap + heap.length],
    ['GCOUNT', 1],
    ['TFIELDS', 1],
    ['TTYPE1', 'COMPRESSED_DATA'],
    ['TFORM1', `1${wide ? 'Q' : 'P'}B(${longest})`],
    ...(gap > 0 ? [['THEAP', table.length + gap] as const] : []),
    ['ZIMAGE', true],
    ['ZTILE1', columns],
    ['ZTILE2', tileRows],
    ['ZCMPTYPE', 'RICE_1'],
    ['ZNAME1', 'BLOCKSIZE'],
    ['ZVAL1', blockSize],
    ['ZNAME2', 'BYTEPIX'],
    ['ZVAL2', 4],
    ['ZTENSION', 'IMAGE'],
    ['ZBITPIX', 32],
    ['ZNAXIS', 2],
    ['ZNAXIS1', columns],
    ['ZNAXIS2', rows],
    ['ZPCOUNT', 0],
    ['ZGCOUNT', 1],
    ...(spec.extname === undefined ? [] : [['EXTNAME', spec.extname] as const]),
    ...(spec.cards ?? []),
  ];
  const data = Buffer.concat([table, Buffer.alloc(gap), heap]);
  return hdu({ cards: edit(cards), data }, sealed);
}

/** A tile in the code's plainest form: every block says that its differences are written in 32 bits each; blocks without any are empty. */
function riceTile(pixels: readonly number[], blockSize: number): Buffer {
  let bits = ((pixels[0] ?? 0) >>> 0).toString(2).padStart(32, '0');
  let before = pixels[0] ?? 0;
  for (let first = 0; first < pixels.length; first += blockSize) {
    const differences = pixels.slice(first, first + blockSize).map((pixel) => {
      const difference = pixel - before;
      before = pixel;
      return difference < 0 ? -2 * difference - 1 : 2 * difference;
    });
    if (differences.every((value) => value === 0)) bits += '00000';
    else bits += (26).toString(2).padStart(5, '0') + differences.map((v) => v.toString(2).padStart(32, '0')).join('');
  }
  const bytes = bits.padEnd(Math.ceil(bits.length / 8) * 8, '0').match(/.{8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
}
