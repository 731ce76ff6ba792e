import type { SourceLayout } from './layout.js';

/** What else the addon can do: for the emulator, for reading and looking at files, and for measuring its kernels. */

/** Instruction set of the kernels. */
export type Cpu = 'avx512' | 'avx2' | 'scalar';

/** Rows of a source in packed words, made and taken apart. */
export interface RowTools {
  /**
   * The inverse of a band: planar FITS-order pixels (0..262143) of every CCD to packed words.
   * segments[ccd][segment] holds rowCount * columns values, or null for zeros.
   */
  packRows(
    layout: SourceLayout,
    rowCount: number,
    segments: readonly (readonly (Int32Array | null)[])[],
    packed: Uint8Array,
  ): void;
  /** Packed words to planar FITS-order pixels of one CCD: out[segment][row * columns + column]. Used by tools and tests. */
  unpackRows(layout: SourceLayout, rowCount: number, packed: Uint8Array, ccd: number, out: readonly Int32Array[]): void;
  /**
   * Packed words of whole rows of a synthetic exposure: the same scene gives the same words on any machine, in any order and on any thread.
   * Crosstalk is added with the coefficients of `layout`. `packed` has room for exactly rows.count rows.
   */
  synthesizeRows(
    layout: SourceLayout,
    scene: SynthScene,
    rows: { readonly first: number; readonly count: number },
    packed: Uint8Array,
  ): void;
}

/** What one source of a synthetic exposure shows. */
export interface SynthScene {
  /** Seed of the exposure, 0 to 2^53 - 1. */
  readonly seed: number;
  /** Seed of what belongs to the sensors and stays from exposure to exposure: their bad columns. */
  readonly sensors: number;
  /** Imaging columns of every segment, 0-based and half-open, and imaging rows from 0; all else is prescan or overscan. */
  readonly columns: readonly [first: number, end: number];
  readonly rows: number;
  /** Electrons per pixel. */
  readonly sky: number;
  readonly starsPerSegment: number;
  /** [ccd][segment] in FITS order. */
  readonly amplifiers: readonly (readonly SynthAmplifier[])[];
}

export interface SynthAmplifier {
  /** adu */
  readonly bias: number;
  /** e-/adu */
  readonly gain: number;
  /** e- rms */
  readonly readNoise: number;
}

/** Where the imaging pixels of one segment stand in its readout, and where they go in the CCD. Columns and rows are 0-based. */
export interface SegmentPlace {
  /** Columns of a readout row. */
  readonly columns: number;
  /** First imaging column; imaging rows begin at row 0. */
  readonly firstColumn: number;
  readonly width: number;
  readonly height: number;
  /** Half-open columns whose median is subtracted from each row; equal ends subtract nothing. */
  readonly overscan: readonly [first: number, end: number];
  readonly flipX: boolean;
  readonly flipY: boolean;
  /** Lower left corner in the CCD. */
  readonly x: number;
  readonly y: number;
}

/** One image on a canvas; the corner is its lower left. */
export interface BinPlace {
  /** Of the image. */
  readonly width: number;
  readonly height: number;
  readonly bin: number;
  readonly canvasWidth: number;
  readonly x: number;
  readonly y: number;
}

/** A box of an image, 0-based and half-open. */
export interface PixelBox {
  readonly columns: readonly [first: number, end: number];
  readonly rows: readonly [first: number, end: number];
}

/**
 * What tools do with decoded pixels: reading foreign FITS, quick-look, inspection. Images are float32, row 0 at the bottom; NaN says that nothing is
 * known of a pixel. All of it throws NATIVE_ARGUMENT for boxes and places that lie outside their images.
 */
export interface ImageTools {
  /** BITPIX 8 (unsigned) and 16 (signed, big-endian) pixels with BZERO added, to host order. */
  decodeNarrow(data: Uint8Array, format: { readonly bitpix: 8 | 16; readonly zero: number }, out: Int32Array): void;
  /** DATASUM of a 32-bit image of these pixels; `seed` continues an earlier sum. */
  pixelSum(pixels: Int32Array, seed?: number): number;
  placeSegment(pixels: Int32Array, place: SegmentPlace, ccd: Float32Array, ccdWidth: number): void;
  /** Each canvas pixel becomes the mean of what is known in bin x bin pixels. */
  binImage(image: Float32Array, place: BinPlace, canvas: Float32Array): void;
  /** The zscale display range of IRAF, contrast 0.25; the same image gives the same range. */
  zscale(image: Float32Array): { readonly low: number; readonly high: number };
  /** To 8 bits, top row first; unknown pixels become 0. */
  stretch(
    image: Float32Array,
    width: number,
    range: { readonly low: number; readonly high: number },
    out: Uint8Array,
  ): void;
  /** In adu; rms is the population standard deviation. */
  boxStatistics(
    pixels: Int32Array,
    columns: number,
    box: PixelBox,
  ): { readonly mean: number; readonly rms: number; readonly median: number };
}

/**
 * The row kernels by themselves, for measuring them; the product runs them inside `band`. Stripes are the pixels of all 16 segments of whole rows:
 * `stripes[(row * columns + column) * 16 + segment]`, segments in FITS order.
 */
export interface RowKernels {
  /** From now on every kernel of this process runs with this instruction set. @returns false when this machine has not got it */
  forceCpu(cpu: Cpu): boolean;
  /**
   * RICE_1 tiles, 16 to a row, one after another in `tiles`; `lengths[row * 16 + segment]` in bytes.
   * @returns bytes of all tiles @throws NATIVE_ARGUMENT, also when `tiles` has no room
   */
  encodeStripes(stripes: Int32Array, columns: number, tiles: Uint8Array, lengths: Int32Array): number;
  /** Corrects rows of one CCD of the layout, which must have coefficients for it. @throws NATIVE_ARGUMENT */
  correctStripes(layout: SourceLayout, ccd: number, stripes: Int32Array, corrected: Int32Array): void;
}
