import { ArchiverError, asArchiverError } from '../model/errors.js';
import type { Hdu } from './hdu.js';
import { axesOf, integerZero, type PixelDecoder, type StoredImage, unsupported } from './pixels-stored.js';

/** A larger tile is not decoded: the memory of a piece is bounded by it (32 MiB). */
const MAX_TILE_PIXELS = 2 ** 23;
/** Consecutive tiles stand together; a run that is strewn over more of the heap is not read (64 MiB). */
const MAX_RUN_BYTES = 2 ** 26;

interface Tiling {
  readonly columns: number;
  readonly rows: number;
  readonly tilePixels: number;
  readonly tiles: number;
  readonly blockSize: number;
}

/** Where each tile's bytes stand in the heap. */
interface TileIndex {
  readonly lengths: Uint32Array;
  /** Below 2^53 also for 64-bit descriptors. */
  readonly offsets: Float64Array;
}

/**
 * A RICE_1 image in a binary table (FITS standard 10.1): 32-bit pixels, one column of 1P or 1Q descriptors, tiles of whole rows.
 * Everything that could make us allocate is checked here against the file: a tile has at least 5 bits per block, and tiles do not share bytes.
 */
export function openTiles(hdu: Hdu, decoder: PixelDecoder): StoredImage | undefined {
  const tiling = readTiling(hdu);
  if (tiling.columns * tiling.rows === 0) return undefined;
  const heap = heapRange(hdu);
  const index = readIndex(hdu, tiling, heap.bytes);
  return {
    columns: tiling.columns,
    rows: tiling.rows,
    step: tiling.tilePixels,
    decode(first, out) {
      const tile = first / tiling.tilePixels;
      const whole = Math.floor(out.length / tiling.tilePixels);
      const at = whole * tiling.tilePixels;
      const run = (from: number, count: number, pixels: number, into: Int32Array) =>
        decodeRun({ hdu, decoder, heap: heap.offset, index, blockSize: tiling.blockSize }, from, count, pixels, into);
      if (whole > 0) run(tile, whole, tiling.tilePixels, out.subarray(0, at));
      if (at < out.length) run(tile + whole, 1, out.length - at, out.subarray(at));
    },
  };
}

function readTiling(hdu: Hdu): Tiling {
  const type = hdu.value('ZCMPTYPE');
  if (type !== 'RICE_1' && type !== 'RICE_ONE') throw unsupported(hdu, `compression ${type}`);
  if (hdu.integer('ZBITPIX', -64) !== 32) throw unsupported(hdu, `ZBITPIX ${hdu.value('ZBITPIX')}`);
  const { blockSize, bytePix } = riceParameters(hdu);
  if (bytePix !== 4) throw unsupported(hdu, `BYTEPIX ${bytePix}`);
  if (blockSize !== 16 && blockSize !== 32) throw unsupported(hdu, `BLOCKSIZE ${blockSize}`);
  if (integerZero(hdu) !== 0) throw unsupported(hdu, `BZERO ${hdu.value('BZERO')} on 32-bit pixels`);
  const axes = axesOf(hdu, 'ZNAXIS');
  const [columns = 0, second = 1] = axes;
  const rows = axes.slice(1).reduce((all, axis) => all * axis, 1);
  const tileRows = wholeRowTile(hdu, axes, second);
  const tilePixels = columns * tileRows;
  if (tilePixels > MAX_TILE_PIXELS) throw unsupported(hdu, `a tile of ${tilePixels} pixels`);
  return { columns, rows, tilePixels, tiles: Math.ceil(rows / tileRows), blockSize };
}

function riceParameters(hdu: Hdu): { blockSize: unknown; bytePix: unknown } {
  const parameters: Record<string, unknown> = { BLOCKSIZE: 32, BYTEPIX: 4 };
  for (let n = 1; hdu.card(`ZNAME${n}`) !== undefined; n++) {
    parameters[String(hdu.value(`ZNAME${n}`))] = hdu.value(`ZVAL${n}`);
  }
  return { blockSize: parameters.BLOCKSIZE, bytePix: parameters.BYTEPIX };
}

/** Rows of a tile. Tiles must follow one another as the pixels do, so only the last may be cut, and only in a plane. */
function wholeRowTile(hdu: Hdu, axes: readonly number[], second: number): number {
  const tile = axes.map((axis, n) => hdu.integer(`ZTILE${n + 1}`, 1, n === 0 ? Math.max(1, axis) : 1));
  const [first, tileRows = 1, ...others] = tile;
  const isFlat = others.every((length) => length === 1) && (axes.length <= 2 || second % tileRows === 0);
  if (axes.length === 0 || first !== Math.max(1, axes[0] ?? 0) || !isFlat) {
    throw unsupported(hdu, `tiles of ${tile.join(' x ')} in an image of ${axes.join(' x ')}`);
  }
  return tileRows;
}

/** The heap within the data unit: after the table, or at THEAP (FITS standard 7.3.6). */
function heapRange(hdu: Hdu): { offset: number; bytes: number } {
  const table = hdu.integer('NAXIS1') * hdu.integer('NAXIS2');
  const offset = hdu.integer('THEAP', table, table);
  if (offset > hdu.data.bytes) throw hdu.invalid(`THEAP ${offset} is beyond its ${hdu.data.bytes} bytes`);
  return { offset, bytes: hdu.data.bytes - offset };
}

function readIndex(hdu: Hdu, tiling: Tiling, heapBytes: number): TileIndex {
  const form = /^1?([PQ])B/.exec(hdu.text('TFORM1') ?? '');
  if (form === null || hdu.integer('TFIELDS') !== 1) throw unsupported(hdu, 'columns other than one of 1PB or 1QB');
  const isWide = form[1] === 'Q';
  const width = hdu.integer('NAXIS1');
  if (width !== (isWide ? 16 : 8)) throw hdu.invalid(`NAXIS1 ${width} does not fit TFORM1 ${hdu.text('TFORM1')}`);
  const rows = hdu.integer('NAXIS2');
  if (rows !== tiling.tiles) throw hdu.invalid(`the table has ${rows} rows for ${tiling.tiles} tiles`);
  const index = { lengths: new Uint32Array(rows), offsets: new Float64Array(rows) };
  const bytes = hdu.dataBytes(0, rows * width);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const word = (at: number) => (isWide ? Number(view.getBigUint64(at)) : view.getUint32(at));
  let total = 0;
  for (let tile = 0; tile < rows; tile++) {
    const length = word(tile * width);
    const offset = word(tile * width + width / 2);
    checkTile(hdu, tiling, tile, { length, offset, heapBytes });
    total += length;
    index.lengths[tile] = length;
    index.offsets[tile] = offset;
  }
  if (total > heapBytes) throw hdu.invalid(`its tiles claim ${total} of the heap's ${heapBytes} bytes: they overlap`);
  return index;
}

function checkTile(
  hdu: Hdu,
  tiling: Tiling,
  tile: number,
  at: { readonly length: number; readonly offset: number; readonly heapBytes: number },
): void {
  if (at.offset + at.length > at.heapBytes) {
    throw hdu.invalid(`tile ${tile} at ${at.offset}+${at.length} is outside the heap of ${at.heapBytes} bytes`);
  }
  const last = tile === tiling.tiles - 1;
  const pixels = last ? tiling.columns * tiling.rows - tile * tiling.tilePixels : tiling.tilePixels;
  const least = 4 + Math.ceil((Math.ceil(pixels / tiling.blockSize) * 5) / 8);
  if (at.length < least)
    throw hdu.invalid(`tile ${tile} has ${at.length} bytes, ${pixels} pixels need at least ${least}`);
}

interface TileRun {
  readonly hdu: Hdu;
  readonly decoder: PixelDecoder;
  /** Offset of the heap in the data unit. */
  readonly heap: number;
  readonly index: TileIndex;
  readonly blockSize: number;
}

/** Decodes consecutive tiles, reading only the part of the heap that they stand in. */
function decodeRun(run: TileRun, from: number, count: number, tilePixels: number, out: Int32Array): void {
  const { hdu, index } = run;
  const end = (tile: number) => (index.offsets[tile] ?? 0) + (index.lengths[tile] ?? 0);
  let first = index.offsets[from] ?? 0;
  let last = end(from);
  for (let tile = from + 1; tile < from + count; tile++) {
    first = Math.min(first, index.offsets[tile] ?? 0);
    last = Math.max(last, end(tile));
  }
  if (last - first > MAX_RUN_BYTES) throw unsupported(hdu, `tiles strewn over ${last - first} bytes`);
  const descriptors = new DataView(new ArrayBuffer(count * 8));
  for (let n = 0; n < count; n++) {
    descriptors.setUint32(n * 8, index.lengths[from + n] ?? 0);
    descriptors.setUint32(n * 8 + 4, (index.offsets[from + n] ?? 0) - first);
  }
  const heap = hdu.dataBytes(run.heap + first, last - first);
  const spec = { heap, columns: tilePixels, rows: count, blockSize: run.blockSize };
  try {
    run.decoder.decodeTiles({ ...spec, descriptors: new Uint8Array(descriptors.buffer) }, out);
  } catch (error) {
    throw tileError(hdu, from, error);
  }
}

/** The addon counts tiles from the run's first; the message must count from the image's and name the file. */
function tileError(hdu: Hdu, from: number, error: unknown): ArchiverError {
  const { code, details } = asArchiverError(error);
  if (code !== 'RICE_INVALID') return asArchiverError(error);
  const tile = `${from + Number(details.tile)} of HDU ${hdu.index} in ${hdu.source.path}`;
  return new ArchiverError('RICE_INVALID', { ...details, tile }, { cause: error });
}
