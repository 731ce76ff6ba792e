import type { ImageDescription } from '../daq/port.js';
import { ArchiverError, asArchiverError } from '../model/errors.js';
import type { HeaderPackage } from '../model/header-package.js';
import { EXPIRED, within } from './deadline.js';
import type { ImagePlan } from './identify.js';
import type { Readout } from './readout.js';
import type { ArchiveServices } from './services.js';

/** What the header is composed from once everything that will come has come. */
export interface Metadata {
  readonly description: ImageDescription;
  /** null: none came in time, or it could not be used. */
  readonly header: HeaderPackage | null;
}

/** Step 3: the camera's telemetry and the header package, each until the header deadline. Never rejects for a header: pixels do not wait for ever. */
export async function gatherMetadata(image: ImagePlan, readout: Readout, services: ArchiveServices): Promise<Metadata> {
  const { clock, settings } = services;
  const limit = { from: readout.ended, seconds: settings.deadlines.header, clock };
  const [header] = await Promise.all([fetchHeader(image, limit, services), within(readout.telemetry, limit)]);
  return { description: await services.daq.describe(image.tag), header };
}

async function fetchHeader(
  image: ImagePlan,
  limit: { from: Promise<number>; seconds: number; clock: ArchiveServices['clock'] },
  services: ArchiveServices,
): Promise<HeaderPackage | null> {
  const { headers, report } = services;
  const obsid = image.obsid.text;
  if (headers === undefined) return null;
  const stop = new AbortController();
  try {
    const header = await within(headers.fetch(obsid, { signal: stop.signal }), limit);
    if (header !== EXPIRED) return header;
    report.problem(new ArchiverError('HEADER_MISSING', { obsid, seconds: limit.seconds }), obsid);
  } catch (error) {
    report.problem(asArchiverError(error), obsid);
  } finally {
    stop.abort();
  }
  return null;
}
