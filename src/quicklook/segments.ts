import type { Hdu } from '../fits/hdu.js';
import { type PixelDecoder, readPixels } from '../fits/pixels.js';
import type { FitsFile } from '../fits/reader.js';
import { ArchiverError } from '../model/errors.js';
import type { CcdIdentity } from './identify.js';

/**
 * Decodes the segments of a CCD in FITS order. They are found by position, as every reader of these files does, and must have the geometry of the
 * camera data.
 * @throws ArchiverError GEOMETRY_MISMATCH, FITS_INVALID, FITS_UNSUPPORTED, RICE_INVALID
 */
export function readSegments(file: FitsFile, identity: CcdIdentity, decoder: PixelDecoder): Int32Array[] {
  return identity.type.segments.map((segment, f) => {
    const hdu = file.hdus[f + 1];
    checkGeometry(hdu, segment.name, identity);
    return readPixels(hdu, decoder);
  });
}

function checkGeometry(hdu: Hdu | undefined, name: string, { raft, ccd, type }: CcdIdentity): asserts hdu is Hdu {
  const expected = `${name} ${type.columns} x ${type.rows} ${type.datasec}`;
  const actual = hdu === undefined ? 'no such HDU' : describe(hdu, type.datasec);
  if (actual === expected) return;
  throw new ArchiverError('GEOMETRY_MISMATCH', { location: `${raft.bay}_${ccd.sensor}`, actual, expected });
}

function describe(hdu: Hdu, assumedDatasec: string): string {
  const axis = hdu.kind === 'compressed-image' ? 'ZNAXIS' : 'NAXIS';
  const columns = hdu.value(`${axis}1`);
  const rows = hdu.value(`${axis}2`);
  return `${hdu.extname} ${columns} x ${rows} ${hdu.text('DATASEC') ?? assumedDatasec}`;
}
