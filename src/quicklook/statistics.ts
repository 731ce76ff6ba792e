import type { Hdu } from '../fits/hdu.js';
import { openImage, type PixelDecoder, readPixels } from '../fits/pixels.js';
import type { ImageTools, PixelBox } from '../native/tools.js';

/** Of one segment, in adu. */
export interface SegmentStatistics {
  readonly columns: number;
  readonly rows: number;
  /** Serial overscan beside the imaging rows; absent when the header gives no DATASEC, or none that leaves an overscan. */
  readonly overscan?: { readonly mean: number; readonly rms: number };
  /** Of the imaging pixels by DATASEC, else of all. */
  readonly imageMedian: number;
}

/**
 * Level and noise of a segment's overscan and the median of its image, by its own header.
 * @returns undefined for an HDU without pixels
 * @throws ArchiverError FITS_INVALID, FITS_UNSUPPORTED, RICE_INVALID
 */
export function segmentStatistics(
  hdu: Hdu,
  tools: PixelDecoder & Pick<ImageTools, 'boxStatistics'>,
): SegmentStatistics | undefined {
  const image = openImage(hdu, tools);
  if (image === undefined) return undefined;
  const { columns, rows } = image;
  const pixels = readPixels(hdu, tools);
  const whole: PixelBox = { columns: [0, columns], rows: [0, rows] };
  const box = imageBox(hdu, columns, rows) ?? whole;
  const { median } = tools.boxStatistics(pixels, columns, box);
  const overscan: PixelBox = { columns: [box.columns[1], columns], rows: box.rows };
  if (box.columns[1] === columns) return { columns, rows, imageMedian: median };
  const { mean, rms } = tools.boxStatistics(pixels, columns, overscan);
  return { columns, rows, overscan: { mean, rms }, imageMedian: median };
}

/** DATASEC '[4:512,1:2000]', 1-based and inclusive; undefined when it does not fit the image. */
function imageBox(hdu: Hdu, columns: number, rows: number): PixelBox | undefined {
  const section = /^\[(\d+):(\d+),(\d+):(\d+)\]$/.exec(hdu.text('DATASEC') ?? '');
  if (section === null) return undefined;
  const [x0 = 0, x1 = 0, y0 = 0, y1 = 0] = section.slice(1).map(Number);
  if (x0 < 1 || x1 < x0 || x1 > columns || y0 < 1 || y1 < y0 || y1 > rows) return undefined;
  return { columns: [x0 - 1, x1], rows: [y0 - 1, y1] };
}
