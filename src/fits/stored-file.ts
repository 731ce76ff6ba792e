import type { StoredFile, StoredSegment } from '../native/contract.js';
import type { Hdu } from './hdu.js';
import { readFitsBytes } from './reader.js';

/**
 * Where the data units of a file of this program stand, so that its pixels can get other headers (NativeCore.rewrite). Whether they are what was
 * written is not looked at.
 * @param path for messages
 * @returns also the number of each segment's HDU, from 0
 * @throws ArchiverError FITS_INVALID
 */
export function storedFile(path: string, bytes: Uint8Array): StoredFile & { readonly hdus: readonly number[] } {
  const { hdus } = readFitsBytes(path, bytes);
  const segments = hdus.filter(({ kind, data }) => data.bytes > 0 && (kind === 'compressed-image' || kind === 'image'));
  const compressed = segments[0]?.kind === 'compressed-image';
  return { bytes, compressed, segments: segments.map(storedSegment), hdus: segments.map(({ index }) => index) };
}

function storedSegment(hdu: Hdu): StoredSegment {
  const { offset, bytes } = hdu.data;
  if (hdu.kind === 'image') return { offset, bytes, heap: bytes, longestRow: 0, pixelSum: 0 };
  const longestRow = Number(/^1PB\((\d+)\)$/.exec(String(hdu.value('TFORM1')))?.[1] ?? Number.NaN);
  if (Number.isNaN(longestRow)) throw hdu.invalid(`TFORM1 is ${hdu.value('TFORM1')}, not 1PB(n)`);
  return { offset, bytes, heap: hdu.integer('PCOUNT'), longestRow, pixelSum: sumOf(hdu, 'ZDATASUM') };
}

/** A sum is a string of decimal digits (FITS standard 4.4.2.7). */
function sumOf(hdu: Hdu, keyword: string): number {
  const text = String(hdu.value(keyword));
  const sum = Number(text);
  if (!/^\d{1,10}$/.test(text) || sum > 0xffffffff) throw hdu.invalid(`${keyword} is ${text}, no sum`);
  return sum;
}
