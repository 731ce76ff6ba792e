import type { SensorType } from '../camera/types.js';
import type { ImageTools } from '../native/tools.js';

/** An assembled CCD: float32 rows of `width` pixels, row 0 at the bottom, NaN where nothing is known. */
export interface CcdImage {
  readonly width: number;
  readonly height: number;
  readonly pixels: Float32Array;
}

export interface AssembleOptions {
  /** Subtract from each row the median of its serial overscan (without its first 5 columns, which hold trailed charge). */
  readonly subtractOverscan: boolean;
  /** Used instead of new memory when it has the right length; its old content does not show. */
  readonly into?: Float32Array | undefined;
}

/** Width and height of an assembled CCD, in pixels. */
export function ccdSize(type: SensorType): { readonly width: number; readonly height: number } {
  const [x, y] = lowerLeft(type);
  return {
    width: Math.max(...type.segments.map(({ assembled }) => assembled[0])) - x + type.readCols,
    height: Math.max(...type.segments.map(({ assembled }) => assembled[1])) - y + type.readRows,
  };
}

/**
 * Trims the segments and places them by the orientation of obs_lsst (Rubin raw format: read-out corner and pixel assembly).
 * @param segments whole readouts in FITS order, type.columns * type.rows values each; null where a segment is not known
 */
export function assembleCcd(
  segments: readonly (Int32Array | null)[],
  type: SensorType,
  tools: Pick<ImageTools, 'placeSegment'>,
  options: AssembleOptions,
): CcdImage {
  const size = ccdSize(type);
  const length = size.width * size.height;
  const pixels = options.into?.length === length ? options.into : new Float32Array(length);
  pixels.fill(Number.NaN);
  const [left, bottom] = lowerLeft(type);
  const common = {
    columns: type.columns,
    firstColumn: type.underCols,
    width: type.readCols,
    height: type.readRows,
    overscan: options.subtractOverscan ? type.pedestal : ([0, 0] as const),
  };
  type.segments.forEach(({ flipX, flipY, assembled: [x, y] }, f) => {
    const readout = segments[f] ?? null;
    if (readout === null) return;
    tools.placeSegment(readout, { ...common, flipX, flipY, x: x - left, y: y - bottom }, pixels, size.width);
  });
  return { ...size, pixels };
}

/** A CCD with one half only, as the wavefront sensors are, does not begin at 0. */
function lowerLeft(type: SensorType): readonly [x: number, y: number] {
  const corners = type.segments.map(({ assembled }) => assembled);
  return [Math.min(...corners.map(([x]) => x)), Math.min(...corners.map(([, y]) => y))];
}
