import { crosstalkOf, rebByLocation } from '../camera/geometry.js';
import type { Camera, Ccd, Raft, Reb } from '../camera/types.js';
import type { ImageDescription, ImageTag } from '../daq/port.js';
import { ArchiverError } from '../model/errors.js';
import { type ObsId, type Product, parseObsId } from '../model/ids.js';
import { isoFromTai, taiNow } from '../model/time.js';
import type { ImageStart } from '../stage/port.js';
import type { ArchiveServices } from './services.js';

/** One CCD and the products that this image makes of it. */
export interface CcdPlan {
  readonly ccd: Ccd;
  readonly products: readonly Product[];
}

/** One REB of an image: what the camera data says, and which files its pixels become. */
export interface SourcePlan {
  readonly location: string;
  readonly raft: Raft;
  readonly reb: Reb;
  /** CCDs whose pixels are real. */
  readonly ccds: readonly CcdPlan[];
}

export interface ImagePlan {
  readonly obsid: ObsId;
  readonly tag: ImageTag;
  readonly description: ImageDescription;
  readonly sources: readonly SourcePlan[];
  readonly start: ImageStart;
}

/**
 * Step 1: what this image is and which files it must become.
 * @throws ArchiverError IMAGE_NAME_INVALID, IMAGE_INCOMPLETE, DAQ_*
 */
export async function identifyImage(tag: ImageTag, services: ArchiveServices): Promise<ImagePlan> {
  const { camera, settings } = services;
  const description = await services.daq.describe(tag);
  const obsid = parseObsId(description.image.name);
  const sources = expectedLocations(description, services).map((location) =>
    planSource(camera, location, description, settings.products),
  );
  if (sources.every((source) => source.ccds.length === 0)) {
    throw new ArchiverError('IMAGE_INCOMPLETE', { obsid: obsid.text, problem: 'no CCD of it has pixels' });
  }
  const start: ImageStart = {
    obsid: obsid.text,
    tag,
    camera: camera.name,
    instrument: camera.instrument,
    createdAt: createdAt(description, services),
    expected: sources.flatMap(({ raft, ccds }) =>
      ccds.flatMap(({ ccd, products }) => products.map((product) => ({ raft: raft.bay, sensor: ccd.sensor, product }))),
    ),
  };
  return { obsid, tag, description, sources, start };
}

/** A location that the camera does not have is reported; the others are archived. */
function expectedLocations({ image }: ImageDescription, { camera, settings, report }: ArchiveServices): string[] {
  const all = new Set(camera.rafts.flatMap((raft) => raft.rebs.map((reb) => reb.location)));
  for (const location of image.locations) {
    if (!all.has(location)) report.problem(new ArchiverError('LOCATION_UNKNOWN', { location }), image.name);
  }
  const took = image.locations.filter((location) => all.has(location));
  return settings.expect === 'image' ? took : [...all];
}

function planSource(
  camera: Camera,
  location: string,
  description: ImageDescription,
  products: readonly Product[],
): SourcePlan {
  const { raft, reb } = rebByLocation(camera, location);
  const real = reb.ccds.filter((ccd) => !description.absent.includes(`${raft.bay}_${ccd.sensor}`));
  const ccds = real.map((ccd) => ({
    ccd,
    products: products.filter((p) => p === 'raw' || crosstalkOf(camera, ccd) !== null),
  }));
  return { location, raft, reb, ccds };
}

/** A capture brings the time of its first archiving; without it a replay takes the trigger, so that it repeats byte for byte. */
function createdAt(description: ImageDescription, services: ArchiveServices): string {
  if (description.createdAt !== undefined) return description.createdAt;
  return isoFromTai(services.settings.live ? taiNow(services.clock) : BigInt(description.image.triggerNs));
}
