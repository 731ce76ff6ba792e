import type { CameraEvent, Conditions, DaqImage, DaqSourceInfo } from '../daq/port.js';
import { ArchiverError, asArchiverError } from '../model/errors.js';
import type { HeaderPackage } from '../model/header-package.js';
import { EXPIRED, type Limit, within } from './deadline.js';
import type { ImagePlan } from './identify.js';
import type { Readout } from './readout.js';
import { retrying } from './retry.js';
import type { ArchiveServices } from './services.js';

/** What is known of one REB besides its pixels. */
export type SourceFacts = Pick<DaqSourceInfo, 'location' | 'firmware' | 'serial' | 'platform'>;

/**
 * What the headers of an image are composed from once everything that will come has come. Plain data: it is fixed in
 * the ledger as JSON before the first file is written.
 */
export interface Metadata {
  readonly image: DaqImage;
  readonly sources: readonly SourceFacts[];
  readonly events: readonly CameraEvent[];
  readonly conditions: Conditions;
  /** null: none came in time, or it could not be used. */
  readonly header: HeaderPackage | null;
}

/**
 * Step 3: what an earlier try has fixed, so that every byte is the same; else what comes now, fixed from here on.
 * @throws the signal's reason, what the DAQ answers for an image that it no longer knows, or the ledger's error
 */
export async function gatherMetadata(
  image: ImagePlan,
  readout: Readout,
  services: ArchiveServices,
  signal: AbortSignal,
): Promise<Metadata> {
  const { ledger } = services;
  const obsid = image.obsid.text;
  const fixed = await retrying(services, signal, () => ledger.fixedMetadata(obsid, 1));
  if (fixed !== undefined) return JSON.parse(fixed) as Metadata;
  const json = JSON.stringify(await awaitMetadata(image, readout, services, signal));
  signal.throwIfAborted(); // what did not come because nobody waited for it must not be fixed as missing
  return JSON.parse(await retrying(services, signal, () => ledger.fixMetadata(obsid, 1, json))) as Metadata;
}

/** The camera's telemetry and the header package, each until the header deadline: pixels do not wait for ever. */
async function awaitMetadata(
  image: ImagePlan,
  readout: Readout,
  services: ArchiveServices,
  signal: AbortSignal,
): Promise<Metadata> {
  const { clock, daq, settings } = services;
  const limit = { from: readout.counted, seconds: settings.deadlines.header, clock, signal };
  const [header] = await Promise.all([fetchHeader(image, limit, services), within(readout.telemetry, limit)]);
  const description = await retrying(services, signal, () => daq.describe(image.tag));
  const sources = description.sources.map(
    ({ location, firmware, serial, platform }): SourceFacts => ({ location, firmware, serial, platform }),
  );
  const { events, conditions } = description;
  return { image: description.image, sources, events, conditions, header };
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
