import { ArchiverError } from '../model/errors.js';
import type { NativeCore } from '../native/contract.js';
import { BLOCK_BYTES, type Hdu, padded } from './hdu.js';
import { forEachBand, openImage } from './pixels.js';
import { restoredHeader } from './verify-restored.js';

/** What verification needs of the addon. */
export type Verifier = Pick<NativeCore, 'dataSum' | 'pixelSum' | 'decodeTiles' | 'decodePlain' | 'decodeNarrow'>;

const CHUNK_BYTES = 1024 * BLOCK_BYTES;
/** All ones is the other zero of ones'-complement arithmetic. */
const MINUS_ZERO = 0xffffffff;

export interface SumsReport {
  /** Keywords whose value agrees with the bytes, among CHECKSUM, DATASUM, ZHECKSUM and ZDATASUM. */
  readonly verified: readonly string[];
  /** FITS_CHECKSUM for each that does not. */
  readonly problems: readonly ArchiverError[];
}

/** DATASUM and CHECKSUM of an HDU against its bytes (FITS standard 4.4.2.7). Keywords that it does not have are not missed. */
export function verifyStoredSums(hdu: Hdu, core: Verifier): SumsReport {
  let dataSum = 0;
  const bytes = padded(hdu.data.bytes);
  for (let at = 0; at < bytes; at += CHUNK_BYTES) {
    dataSum = core.dataSum(hdu.dataBytes(at, Math.min(CHUNK_BYTES, bytes - at)), dataSum);
  }
  const wholeSum = core.dataSum(hdu.headerBytes(), dataSum);
  return compare(hdu, [
    ['DATASUM', () => isSum(hdu, 'DATASUM', dataSum)],
    ['CHECKSUM', () => wholeSum % MINUS_ZERO === 0],
  ]);
}

export interface ImageReport {
  readonly pixels: number;
  readonly sums: SumsReport;
}

/**
 * Decodes every pixel of a compressed image, and compares ZDATASUM with them and ZHECKSUM with the image's header as a decompressor restores it
 * (FITS standard 10.1.2). ZHECKSUM without the cards that a restored header needs is left unproved.
 * @throws ArchiverError FITS_INVALID, FITS_UNSUPPORTED, RICE_INVALID
 */
export function verifyCompressedImage(hdu: Hdu, core: Verifier): ImageReport {
  const image = openImage(hdu, core);
  let pixelSum = 0;
  if (image !== undefined) {
    forEachBand(image, (pixels) => {
      pixelSum = core.pixelSum(pixels, pixelSum);
    });
  }
  const header = restoredHeader(hdu);
  const sums = compare(hdu, [
    ['ZDATASUM', () => isSum(hdu, 'ZDATASUM', pixelSum)],
    ...(header === undefined ? [] : [['ZHECKSUM', () => core.dataSum(header, pixelSum) % MINUS_ZERO === 0] as const]),
  ]);
  return { pixels: image === undefined ? 0 : image.columns * image.rows, sums };
}

function compare(hdu: Hdu, checks: readonly (readonly [keyword: string, agrees: () => boolean])[]): SumsReport {
  const present = checks.filter(([keyword]) => (hdu.card(keyword)?.value ?? '') !== '');
  const wrong = present.filter(([, agrees]) => !agrees()).map(([keyword]) => keyword);
  const details = { path: hdu.source.path, hdu: hdu.index };
  return {
    verified: present.map(([keyword]) => keyword).filter((keyword) => !wrong.includes(keyword)),
    problems: wrong.map((keyword) => new ArchiverError('FITS_CHECKSUM', { ...details, keyword })),
  };
}

/** The value is the sum as a decimal string; 0 and 4294967295 are the same sum. */
function isSum(hdu: Hdu, keyword: string, sum: number): boolean {
  const text = String(hdu.card(keyword)?.value);
  return /^\d{1,10}$/.test(text) && Number(text) % MINUS_ZERO === sum % MINUS_ZERO;
}
