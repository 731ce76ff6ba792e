import type { Hdu } from './hdu.js';
import { axesOf, integerZero, type PixelDecoder, type StoredImage, unsupported } from './pixels-stored.js';
import { openTiles } from './pixels-tiled.js';

export type { PixelDecoder, StoredImage } from './pixels-stored.js';

/** An image of more pixels is not handed out whole: 512 MiB. */
const MAX_PIXELS = 2 ** 27;
const BAND_PIXELS = 2 ** 20;

/**
 * The pixels of an HDU: plain BITPIX 8, 16 (with BZERO) and 32, and RICE_1 tables of 32-bit pixels in tiles of whole rows.
 * @returns undefined when the HDU holds no image
 * @throws ArchiverError FITS_INVALID for sizes that do not agree, FITS_UNSUPPORTED for a form that is not decoded here
 */
export function openImage(hdu: Hdu, decoder: PixelDecoder): StoredImage | undefined {
  if (hdu.kind === 'compressed-image') return openTiles(hdu, decoder);
  if (hdu.kind !== 'primary' && hdu.kind !== 'image') return undefined;
  if (hdu.value('GROUPS') === true) throw unsupported(hdu, 'random groups');
  const axes = axesOf(hdu, 'NAXIS');
  return axes.length === 0 || axes.includes(0) ? undefined : openPlain(hdu, axes, decoder);
}

/**
 * All pixels of an HDU in file order, host byte order.
 * @throws ArchiverError FITS_INVALID (also when there is no image), FITS_UNSUPPORTED, RICE_INVALID
 */
export function readPixels(hdu: Hdu, decoder: PixelDecoder): Int32Array {
  const image = openImage(hdu, decoder);
  if (image === undefined) throw hdu.invalid('it holds no image');
  const pixels = image.columns * image.rows;
  if (pixels > MAX_PIXELS) throw unsupported(hdu, `${pixels} pixels are more than ${MAX_PIXELS}`);
  const out = new Int32Array(pixels);
  const band = bandPixels(image);
  for (let first = 0; first < pixels; first += band) image.decode(first, out.subarray(first, first + band));
  return out;
}

/** Decodes the whole image in pieces; the pixels are valid during the call only. */
export function forEachBand(image: StoredImage, visit: (pixels: Int32Array) => void): void {
  const total = image.columns * image.rows;
  const buffer = new Int32Array(Math.min(total, bandPixels(image)));
  for (let first = 0; first < total; first += buffer.length) {
    const pixels = buffer.subarray(0, total - first);
    image.decode(first, pixels);
    visit(pixels);
  }
}

/** What is decoded at once: whole tiles, so that only so much of the file is held. */
function bandPixels(image: StoredImage): number {
  return Math.max(1, Math.floor(BAND_PIXELS / image.step)) * image.step;
}

function openPlain(hdu: Hdu, axes: readonly number[], decoder: PixelDecoder): StoredImage {
  const bitpix = hdu.integer('BITPIX', -64);
  const zero = integerZero(hdu);
  const shape = { columns: axes[0] ?? 1, rows: axes.slice(1).reduce((all, axis) => all * axis, 1), step: 1 };
  if (bitpix === 32) {
    if (zero !== 0) throw unsupported(hdu, `BZERO ${zero} on 32-bit pixels`);
    return { ...shape, decode: (first, out) => decoder.decodePlain(hdu.dataBytes(first * 4, out.length * 4), out) };
  }
  if (bitpix !== 8 && bitpix !== 16) throw unsupported(hdu, `BITPIX ${bitpix}`);
  if (Math.abs(zero) > 2 ** 30) throw unsupported(hdu, `BZERO ${zero} on ${bitpix}-bit pixels`);
  const size = bitpix / 8;
  return {
    ...shape,
    decode: (first, out) => decoder.decodeNarrow(hdu.dataBytes(first * size, out.length * size), { bitpix, zero }, out),
  };
}
