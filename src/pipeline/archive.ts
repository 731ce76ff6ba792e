import type { ImageTag } from '../daq/port.js';
import { ArchiverError } from '../model/errors.js';
import type { ImageRow } from '../stage/port.js';
import { EXPIRED, within } from './deadline.js';
import { recordMissing } from './failure.js';
import { type ImagePlan, identifyImage } from './identify.js';
import { gatherMetadata } from './metadata.js';
import type { Readout } from './readout.js';
import type { ArchiveServices } from './services.js';
import { archiveSource, freePixels, pullPixels } from './source.js';

/**
 * The whole flow of one image: DAQ > assemble > ledger > stage.
 *
 * Bands are pulled and compressed while the pixels still arrive; a REB's files are written as soon as its pixels and the metadata are there; a file
 * is durable and verified before the ledger knows it, and in the ledger before anybody else hears of it. Repeating the call does only what is left.
 *
 * @throws ArchiverError when the image cannot even be identified; whatever fails later is recorded per CCD, and the other CCDs go on.
 */
export async function archiveImage(tag: ImageTag, readout: Readout, services: ArchiveServices): Promise<ImageRow> {
  const image = await identifyImage(tag, services);
  const entry = await services.ledger.beginImage(image.start);
  if (entry.state !== 'complete') {
    follow(readout, image, services);
    await pullPixels(image, services);
    const metadata = gatherMetadata(image, readout, services);
    await beforeDeadline(image, readout, services, (signal) =>
      Promise.all(
        image.sources.map((source) => archiveSource({ image, entry, source, metadata, readout, services, signal })),
      ),
    );
    await freePixels(image, services);
  }
  return services.ledger.closeImage(image.obsid.text);
}

/** Events that were recorded before anybody listened; a capture will bring no more, a live image must not wait for lost ones for ever. */
function follow(readout: Readout, image: ImagePlan, { clock, settings }: ArchiveServices): void {
  readout.recorded(image.description);
  if (settings.live) {
    clock.delay(settings.deadlines.image * 1000).then(() => readout.assumeEnded());
  } else {
    readout.assumeEnded();
    readout.assumeTelemetry();
  }
}

/** Runs the image's work until its deadline; then whatever has no file is recorded as failed, and the image reaches its end. */
async function beforeDeadline(
  image: ImagePlan,
  readout: Readout,
  services: ArchiveServices,
  work: (signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const stop = new AbortController();
  const { clock, settings } = services;
  const seconds = settings.deadlines.image;
  try {
    const result = await within(work(stop.signal), { from: readout.ended, seconds, clock });
    if (result !== EXPIRED) return;
    await recordMissing(image, new ArchiverError('IMAGE_DEADLINE', { obsid: image.obsid.text, seconds }), services);
  } finally {
    stop.abort();
  }
}
