import { fileURLToPath } from 'node:url';
import { readFits } from '../fits/reader.js';
import { ArchiverError } from '../model/errors.js';
import { loadNative } from '../native/binding.js';
import { assembleCcd, ccdSize } from '../quicklook/assemble.js';
import { type CcdIdentity, identifyCcd } from '../quicklook/identify.js';
import { readSegments } from '../quicklook/segments.js';

/** Which CCD the pixels are of. */
export interface CcdPixels {
  readonly obsid: string;
  readonly raft: string;
  readonly sensor: string;
}

/** The amplifiers of a CCD as they were read out, prescan and overscan included. */
export interface CcdSegments extends CcdPixels {
  /** Of each segment, in pixels. */
  readonly columns: number;
  readonly rows: number;
  /** adu; row 0 was read first. One plane after another in one SharedArrayBuffer, in FITS order (HDU 1 to 16). */
  readonly segments: readonly { readonly name: string; readonly pixels: Int32Array }[];
  readonly shared: SharedArrayBuffer;
}

/** A CCD in one piece, trimmed. */
export interface AssembledCcd extends CcdPixels {
  readonly width: number;
  readonly height: number;
  /** adu, row 0 at the bottom, in a SharedArrayBuffer; NaN where nothing is known. */
  readonly pixels: Float32Array;
}

export interface CcdOptions {
  /** Name or JSON file of the camera; by default the file's own header says which it is. */
  readonly camera?: string | undefined;
}

export interface CcdImageOptions extends CcdOptions {
  /** Take from each row the median of its serial overscan; default true. */
  readonly subtractOverscan?: boolean;
}

/**
 * All pixels of a raw or corrected file, plain or compressed, on the calling thread. The memory may be given to
 * worker threads without a copy.
 * @param where path or file: URI
 * @throws ArchiverError FILE_MISSING, FITS_INVALID, FITS_UNSUPPORTED, GEOMETRY_MISMATCH, RICE_INVALID, CAPTURE_FLAG_NEEDED (camera unknown), LOCATION_UNKNOWN
 */
export function readCcdSegments(where: string, options: CcdOptions = {}): CcdSegments {
  return withCcd(where, options, (identity, decoded) => {
    const { columns, rows, segments } = identity.type;
    const plane = columns * rows;
    const shared = new SharedArrayBuffer(segments.length * plane * Int32Array.BYTES_PER_ELEMENT);
    const planes = segments.map(({ name }, index) => {
      const pixels = new Int32Array(shared, index * plane * Int32Array.BYTES_PER_ELEMENT, plane);
      pixels.set(decoded[index] ?? []);
      return { name, pixels };
    });
    return { ...idOf(identity), columns, rows, segments: planes, shared };
  });
}

/**
 * The same assembled as obs_lsst shows it.
 * @throws what readCcdSegments throws
 */
export function readCcdImage(where: string, options: CcdImageOptions = {}): AssembledCcd {
  return withCcd(where, options, (identity, decoded) => {
    const { width, height } = ccdSize(identity.type);
    const into = new Float32Array(new SharedArrayBuffer(width * height * Float32Array.BYTES_PER_ELEMENT));
    const { subtractOverscan = true } = options;
    const { pixels } = assembleCcd(decoded, identity.type, loadNative(), { subtractOverscan, into });
    return { ...idOf(identity), width, height, pixels };
  });
}

const idOf = ({ obsid, raft, ccd }: CcdIdentity) => ({ obsid, raft: raft.bay, sensor: ccd.sensor });

function withCcd<T>(
  where: string,
  { camera }: CcdOptions,
  use: (identity: CcdIdentity, segments: Int32Array[]) => T,
): T {
  const path = where.startsWith('file:') ? fileURLToPath(where) : where;
  const file = readFits(path);
  try {
    const [primary] = file.hdus;
    if (primary === undefined) throw new ArchiverError('FITS_INVALID', { path, problem: 'it has no HDU' });
    const identity = identifyCcd(primary, camera);
    return use(identity, readSegments(file, identity, loadNative()));
  } finally {
    file.close();
  }
}
