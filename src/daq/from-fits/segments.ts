import { sensorTypeOf } from '../../camera/geometry.js';
import type { SensorType } from '../../camera/types.js';
import type { Hdu } from '../../fits/hdu.js';
import { openImage, type PixelDecoder, type StoredImage } from '../../fits/pixels.js';
import type { FitsFile } from '../../fits/reader.js';
import { ArchiverError } from '../../model/errors.js';
import type { FitsIdentity } from './identity.js';

/**
 * The images of a file in FITS order of its sensor: by EXTNAME where all have one, else by position.
 * @throws FITS_INVALID for a segment too few, GEOMETRY_MISMATCH for another size than the sensor's
 */
export function openSegments(file: FitsFile, { camera, place }: FitsIdentity, decoder: PixelDecoder): StoredImage[] {
  const type = sensorTypeOf(camera, place.ccd);
  return orderedHdus(file, type).map((hdu) => {
    const image = openImage(hdu, decoder);
    if (image === undefined) throw hdu.invalid('it holds no image');
    if (image.columns === type.columns && image.rows === type.rows) return image;
    throw new ArchiverError('GEOMETRY_MISMATCH', {
      location: place.reb.location,
      actual: `${image.columns} x ${image.rows} pixels in HDU ${hdu.index} of ${file.path}`,
      expected: `${type.columns} x ${type.rows}`,
    });
  });
}

function orderedHdus(file: FitsFile, type: SensorType): Hdu[] {
  const images = file.hdus.filter(({ index, kind }) => index > 0 && (kind === 'image' || kind === 'compressed-image'));
  const byName = new Map(images.map((hdu) => [hdu.extname?.toLowerCase(), hdu]));
  const named = type.segments.map(({ name }) => byName.get(name.toLowerCase())).filter((hdu) => hdu !== undefined);
  const found = named.length === type.segments.length ? named : images.slice(0, type.segments.length);
  if (found.length === type.segments.length) return found;
  const problem = `it has ${images.length} images, ${type.segments.length} segments are needed`;
  throw new ArchiverError('FITS_INVALID', { path: file.path, problem });
}
