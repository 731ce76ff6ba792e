import type { ImageDescription } from '../daq/port.js';
import { ArchiverError, asArchiverError } from '../model/errors.js';
import type { HeaderPackage } from '../model/header-package.js';
import { EXPIRED, type Limit, within } from './deadline.js';
import type { ImagePlan } from './identify.js';
import type { Readout } from './readout.js';
import { retrying } from './retry.js';
import type { ArchiveServices } from './services.js';

/** What the header is composed from once everything that will come has come. */
export interface Metadata {
  readonly description: ImageDescription;
  /** null: none came in time, or it could not be used. */
  readonly header: HeaderPackage | null;
}

/**
 * Step 3: the camera's telemetry and the header package, each until the header deadline: pixels do not wait for ever.
 * @throws the signal's reason, or what the DAQ answers for an image that it no longer knows
 */
export async function gatherMetadata(
  image: ImagePlan,
  readout: Readout,
  services: ArchiveServices,
  signal: AbortSignal,
): Promise<Metadata> {
  const { clock, daq, settings } = services;
  const limit = { from: readout.counted, seconds: settings.deadlines.header, clock, signal };
  const [header] = await Promise.all([fetchHeader(image, limit, services), within(readout.telemetry, limit)]);
  return { description: await retrying({ clock, signal }, () => daq.describe(image.tag)), header };
}

async function fetchHeader(
  image: ImagePlan,
  limit: Limit & { readonly signal: AbortSignal },
  { headers, report }: ArchiveServices,
): Promise<HeaderPackage | null> {
  const obsid = image.obsid.text;
  if (headers === undefined) return null;
  const stop = new AbortController();
  try {
    const header = await within(headers.fetch(obsid, { signal: AbortSignal.any([stop.signal, limit.signal]) }), limit);
    if (header !== EXPIRED) return header;
    report.problem(new ArchiverError('HEADER_MISSING', { obsid, seconds: limit.seconds }), obsid);
  } catch (error) {
    if (!limit.signal.aborted) report.problem(asArchiverError(error), obsid);
  } finally {
    stop.abort();
  }
  return null;
}
