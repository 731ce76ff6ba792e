import { ArchiverError } from '../model/errors.js';
import type { NativeCore } from '../native/contract.js';
import type { Hdu } from './hdu.js';

/** What decoding needs of the addon. */
export type PixelDecoder = Pick<NativeCore, 'decodeTiles' | 'decodePlain' | 'decodeNarrow'>;

/** An image as it is stored, decoded piece by piece so that memory does not depend on what the file claims. */
export interface StoredImage {
  /** NAXIS1, and the product of the other axes. */
  readonly columns: number;
  readonly rows: number;
  /** The addon decodes multiples of this many pixels: a tile, or 1. */
  readonly step: number;
  /** Decodes out.length pixels from `first` on, both multiples of `step` except at the image's end. @throws FITS_INVALID, RICE_INVALID */
  decode(first: number, out: Int32Array): void;
}

/** Lengths of the axes by NAXIS or ZNAXIS cards. */
export function axesOf(hdu: Hdu, keyword: 'NAXIS' | 'ZNAXIS'): number[] {
  const count = hdu.integer(keyword);
  if (count > 999) throw hdu.invalid(`${keyword} ${count} is more than 999`);
  return Array.from({ length: count }, (_, n) => hdu.integer(`${keyword}${n + 1}`));
}

/** BZERO of an image whose pixels are integers. */
export function integerZero(hdu: Hdu): number {
  const scale = hdu.value('BSCALE') ?? 1;
  const zero = hdu.value('BZERO') ?? 0;
  if (scale !== 1) throw unsupported(hdu, `BSCALE ${scale}`);
  if (typeof zero !== 'number' || !Number.isInteger(zero)) throw unsupported(hdu, `BZERO ${zero}`);
  return zero;
}

export function unsupported(hdu: Hdu, problem: string): ArchiverError {
  return new ArchiverError('FITS_UNSUPPORTED', { path: hdu.source.path, problem: `HDU ${hdu.index}: ${problem}` });
}
