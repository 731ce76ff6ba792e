import type { SourceLayout } from './layout.js';
import type { Cpu, ImageTools, RowKernels, RowTools } from './tools.js';

/**
 * The one typed seam between TypeScript and the addon. Sizes are in bytes unless said otherwise; all calls are synchronous except `finish` and
 * `rewrite`.
 * Failures throw an Error with `code` and `details` of the error table (see asArchiverError).
 *
 * Life of one source (one REB's byte stream): open -> band, in any order, on any thread, each row once -> finish per CCD and product -> drop.
 */

/** Integer with a generation in its upper bits, so a handle that was dropped is told apart from its successor. */
export type Handle = number;

export interface OpenOptions {
  readonly layout: SourceLayout;
  /** Which products the bands make. */
  readonly products: readonly ('raw' | 'corrected')[];
  /** rice: RICE_1 row tiles; none: plain big-endian 32-bit rows. */
  readonly compression: 'rice' | 'none';
}

/** Cards without END, a multiple of 80 bytes; the addon appends END and pads. */
export type CardText = Uint8Array;

export type HduSpec =
  /** A header-only HDU whose sums are already right (see `sealHeader`). */
  | { readonly kind: 'bare'; readonly cards: CardText }
  /**
   * The pixels of one segment (FITS order). `cards` is the header as written: compressed it is the BINTABLE, and `image` is the header of the
   * image that it stands for. The addon fills PCOUNT, TFORM1, DATASUM, CHECKSUM (and ZDATASUM, ZHECKSUM from `image`) in place:
   * each is a fixed-format card whose value field is columns 11 to 30.
   */
  | { readonly kind: 'segment'; readonly segment: number; readonly cards: CardText; readonly image?: CardText };

/** One file: its HDUs in file order, and where it goes. */
export interface FileOrder {
  readonly hdus: readonly HduSpec[];
  /** Existing folder; new levels of `path` below it are created, each fsynced. File systems without O_TMPFILE get temporary names in `<root>/.tmp`. */
  readonly root: string;
  /** Plain relative path of the FITS file: no `.`, `..` or empty component; no symbolic link on the way is followed. */
  readonly path: string;
  /** Relative path beside `path`; the sidecar is linked first. One that was left without its FITS file gives way to ours. */
  readonly sidecarPath: string;
  readonly sidecar: Uint8Array;
  /**
   * Existing folder where ours goes when other bytes stand under its name: `<aside>/<path>.<n>`, or `<aside>/<sidecarPath>.<n>` when the FITS
   * file is the same and only the sidecar differs. Ours that was set aside before is found, not repeated.
   */
  readonly aside: string;
  readonly fileMode: number;
  readonly folderMode: number;
}

/** A file of rows that bands have made. */
export interface FileSpec extends FileOrder {
  readonly ccd: number;
  readonly product: 'raw' | 'corrected';
}

/** A whole file in memory and its segments in FITS order: their data units are taken over as they are. */
export interface StoredFile {
  readonly bytes: Uint8Array;
  /** RICE_1 tables, or plain images. */
  readonly compressed: boolean;
  readonly segments: readonly StoredSegment[];
}

/** One segment's data unit, and what the header says of it. All sizes in bytes. */
export interface StoredSegment {
  readonly offset: number;
  /** Of the data unit without its fill, and of the heap at its end; the same number when it is a plain image. */
  readonly bytes: number;
  readonly heap: number;
  /** Number in TFORM1; 0 for a plain image. */
  readonly longestRow: number;
  /** ZDATASUM; 0 for a plain image. */
  readonly pixelSum: number;
}

export interface WrittenFile {
  /** created: our bytes stand there now; same: identical bytes stood there before; conflict: others stand there, ours are at `asidePath`. */
  readonly outcome: 'created' | 'same' | 'conflict';
  readonly asidePath?: string;
  readonly bytes: number;
  /** Milliseconds of gathering and summing, writing, and making durable. */
  readonly ms: { readonly gather: number; readonly write: number; readonly sync: number };
  /** DATASUM of each HDU as written. */
  readonly dataSums: readonly number[];
}

/** The tiles of one RICE_1 HDU (one row each, 32-bit pixels) and where their pixels go. */
export interface TileSpec {
  /** The BINTABLE's rows: 8 bytes each, length and heap offset, big-endian 32 bit. */
  readonly descriptors: Uint8Array;
  readonly heap: Uint8Array;
  readonly columns: number;
  readonly rows: number;
  readonly blockSize: number;
}

export interface PoolStatistics {
  readonly cpu: Cpu;
  readonly openHandles: number;
  /** Memory of compressed rows and file images: what `configurePool` limits. */
  readonly poolBytes: number;
  readonly poolBytesInUse: number;
  /** Memory lent by `inputBuffer`, in whole blocks of 256 KiB. */
  readonly inputBytes: number;
  /**
   * How often since the start memory was asked from the system for the pool, for input buffers and for the tables of sources. All of it is kept and used
   * again, so after the first images of one kind the number stays. What a call needs besides pixels (paths, cards, its promise) is not counted.
   */
  readonly allocations: number;
}

export interface NativeCore extends ImageTools, RowTools, RowKernels {
  /** @throws NATIVE_ARGUMENT for a layout that is out of range. */
  open(options: OpenOptions): Handle;
  /**
   * A buffer for packed rows in native memory: page-aligned, on huge pages where the system gives them, its content undefined. Behind it lie bytes that
   * `band` may read, so that no row of a band in it is copied. Made to be taken once and filled again and again: the memory goes back when the
   * buffer is collected or its thread has ended. It must not be transferred to another thread, and is no part of what `configurePool` limits.
   */
  inputBuffer(bytes: number): Uint8Array;
  /**
   * Unpacks, corrects and compresses whole rows; `packed` holds exactly rowCount * columns * groups * 36 bytes. Up to 64 bytes behind it are read
   * where its ArrayBuffer has them; what they hold changes nothing.
   * @returns CRC-32 (IEEE) of `packed`, to be combined in stream order by crc32Combine.
   * @throws NATIVE_HANDLE, NATIVE_ARGUMENT (rows out of range or given twice), POOL_EXHAUSTED
   */
  band(handle: Handle, rows: { readonly first: number; readonly count: number }, packed: Uint8Array): number;
  /**
   * Gathers one CCD's file image on the calling thread, then writes and syncs it off that thread. All rows must be there. Every failure rejects
   * the promise, leaves no new name of the FITS file, and may be repeated.
   * @throws NATIVE_HANDLE, NATIVE_ARGUMENT, POOL_EXHAUSTED, DISK_FULL, FOLDER_UNWRITABLE, WRITE_FAILED
   */
  finish(handle: Handle, file: FileSpec): Promise<WrittenFile>;
  /**
   * The same for a file whose pixels stand in another one: its data units under new headers. With the headers that `finish` would have been given, the
   * bytes are those that it would have written. `stored` is read before the call returns.
   * @throws what `finish` throws; NATIVE_ARGUMENT also for a data unit that lies outside its file
   */
  rewrite(stored: StoredFile, file: FileOrder): Promise<WrittenFile>;
  /** Frees everything of the source; a finish under way completes first. Unknown handles are NATIVE_HANDLE. */
  drop(handle: Handle): void;

  /**
   * Limits what all open handles and files being written together may hold; POOL_EXHAUSTED beyond. A quarter is kept for file images, so it must be
   * four times the largest file or more: rows can then never take the room that finishing them needs. 1 GiB unless told.
   */
  configurePool(bytes: number): void;
  statistics(): PoolStatistics;

  /**
   * Decodes RICE_1 tiles to host-order pixels, `out[row * columns + column]`.
   * @throws RICE_INVALID, with the number of the first damaged tile from 1; what `out` holds from its row on is then undefined
   */
  decodeTiles(tiles: TileSpec, out: Int32Array): void;
  /** Big-endian 32-bit pixels to host order. */
  decodePlain(data: Uint8Array, out: Int32Array): void;
  /** Ones'-complement 32-bit sum of big-endian words (FITS standard, appendix J), length a multiple of 4; `seed` continues an earlier sum. */
  dataSum(data: Uint8Array, seed?: number): number;
  /** Fills DATASUM ('0') and CHECKSUM of a data-less header in place. */
  sealHeader(cards: CardText): void;
  crc32(data: Uint8Array, seed?: number): number;
  /** CRC-32 of A followed by B from their own sums and B's length. */
  crc32Combine(a: number, b: number, lengthB: number): number;
}
