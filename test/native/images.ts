import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadNative } from '../../src/native/binding.js';
import type { FileSpec, Handle, HduSpec, OpenOptions } from '../../src/native/contract.js';
import type { SourceLayout } from '../../src/native/layout.js';

/** The addon as built, small images with pixels of their own for every segment, and the least headers that a valid FITS file needs. */
export const native = loadNative();

const SCIENCE_CHANNELS = [8, 9, 10, 11, 12, 13, 14, 15, 7, 6, 5, 4, 3, 2, 1, 0];

/** Every source takes from each other one its share; far above nature, so that noise alone moves pixels. */
const CROSSTALK = {
  linear: Float32Array.from({ length: 256 }, (_, i) => (i % 17 === 0 ? 0 : 0.02)),
  quadratic: new Float32Array(256),
};

/** One science REB of small sensors: 3 CCDs of 16 segments. */
export function scienceLayout(columns = 48, rows = 24): SourceLayout {
  const ccds = [2, 1, 0].map((group) => ({ group, channels: SCIENCE_CHANNELS, crosstalk: CROSSTALK }));
  return { groups: 3, columns, rows, xor: 0x1ffff, pedestal: [columns - 16, columns], ccds };
}

/** pixels[ccd][segment], a pure function of the seed. */
export function makePixels(layout: SourceLayout, seed = 1): Int32Array[][] {
  let state = seed;
  const noise = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 26;
  };
  return layout.ccds.map((ccd, c) =>
    ccd.channels.map((_, f) =>
      Int32Array.from({ length: layout.columns * layout.rows }, () => 20_000 + 1000 * c + 50 * f + noise()),
    ),
  );
}

export function pack(layout: SourceLayout, pixels: readonly (readonly Int32Array[])[]): Uint8Array {
  const packed = new Uint8Array(rowBytes(layout) * layout.rows);
  native.packRows(layout, layout.rows, pixels, packed);
  return packed;
}

export function rowBytes(layout: SourceLayout): number {
  return layout.columns * layout.groups * 36;
}

/** @returns the CRC-32 of the rows */
export function giveRows(
  handle: Handle,
  layout: SourceLayout,
  packed: Uint8Array,
  first: number,
  count: number,
): number {
  const bytes = rowBytes(layout);
  return native.band(handle, { first, count }, packed.subarray(first * bytes, (first + count) * bytes));
}

/** An open source that has all its rows. */
export function openWhole(options: OpenOptions, packed: Uint8Array): Handle {
  const handle = native.open(options);
  giveRows(handle, options.layout, packed, 0, options.layout.rows);
  return handle;
}

/** The order for one file below `folder`, with root `folder/root` and aside `folder/aside`. */
export function fileSpec(options: OpenOptions, folder: string, changes: Partial<FileSpec> = {}): FileSpec {
  const root = join(folder, 'root');
  const aside = join(folder, 'aside');
  for (const needed of [root, aside]) mkdirSync(needed, { recursive: true });
  const ccd = changes.ccd ?? 0;
  return {
    ccd,
    product: 'raw',
    hdus: hdus(options, ccd),
    root,
    path: `camera/day/ccd${ccd}.fits`,
    sidecarPath: `camera/day/ccd${ccd}.json`,
    sidecar: Buffer.from('{"__CONTENT__":"metadata"}\n'),
    aside,
    fileMode: 0o444,
    folderMode: 0o755,
    ...changes,
  };
}

export function primaryCards(): Uint8Array {
  const cards = encode([card('SIMPLE', 'T'), card('BITPIX', 8), card('NAXIS', 0), card('EXTEND', 'T'), ...SUMS]);
  native.sealHeader(cards);
  return cards;
}

function hdus({ layout, compression }: OpenOptions, ccd: number): HduSpec[] {
  const segments = layout.ccds[ccd]?.channels ?? [];
  return [
    { kind: 'bare', cards: primaryCards() },
    ...segments.map((_, segment): HduSpec => {
      const image = imageCards(layout, segment);
      if (compression === 'none') return { kind: 'segment', segment, cards: image };
      return { kind: 'segment', segment, cards: tableCards(layout, segment), image };
    }),
  ];
}

function imageCards({ columns, rows }: SourceLayout, segment: number): Uint8Array {
  const size = [card('BITPIX', 32), card('NAXIS', 2), card('NAXIS1', columns), card('NAXIS2', rows)];
  const counts = [card('PCOUNT', 0), card('GCOUNT', 1)];
  return encode([card('XTENSION', "'IMAGE   '"), ...size, ...counts, extname(segment), ...SUMS]);
}

function tableCards({ columns, rows }: SourceLayout, segment: number): Uint8Array {
  const size = [card('BITPIX', 8), card('NAXIS', 2), card('NAXIS1', 8), card('NAXIS2', rows)];
  const field = [card('TFIELDS', 1), card('TTYPE1', "'COMPRESSED_DATA'"), card('TFORM1', "''")];
  const rice = [card('ZCMPTYPE', "'RICE_1  '"), card('ZNAME1', "'BLOCKSIZE'"), card('ZVAL1', 32)];
  const depth = [card('ZNAME2', "'BYTEPIX '"), card('ZVAL2', 4), card('ZTENSION', "'IMAGE   '"), card('ZBITPIX', 32)];
  const image = [card('ZNAXIS', 2), card('ZNAXIS1', columns), card('ZNAXIS2', rows), card('ZPCOUNT', 0)];
  return encode([
    card('XTENSION', "'BINTABLE'"),
    ...[...size, card('PCOUNT', 0), card('GCOUNT', 1), ...field],
    ...[card('ZIMAGE', 'T'), card('ZTILE1', columns), card('ZTILE2', 1), ...rice, ...depth, ...image],
    ...[card('ZGCOUNT', 1), extname(segment), card('ZHECKSUM', "''"), card('ZDATASUM', "''"), ...SUMS],
  ]);
}

const extname = (segment: number): string => card('EXTNAME', `'Segment${String(segment).padStart(2, '0')}'`);
const SUMS = [card('CHECKSUM', "''"), card('DATASUM', "''")];

function card(keyword: string, value: string | number): string {
  const field = typeof value === 'string' && value.startsWith("'") ? value.padEnd(20) : String(value).padStart(20);
  return `${keyword.padEnd(8)}= ${field}`.padEnd(80);
}

function encode(cards: readonly string[]): Uint8Array {
  return Uint8Array.from(Buffer.from(cards.join(''), 'latin1'));
}
