import type { ImageTag } from '../daq/port.js';
import { ArchiverError } from '../model/errors.js';
import { joinSignals } from '../model/signals.js';
import type { ImageEntry, ImageRow } from '../stage/port.js';
import { EXPIRED, within } from './deadline.js';
import { recordFailure } from './failure.js';
import { type ImagePlan, identifyImage } from './identify.js';
import { gatherMetadata } from './metadata.js';
import type { Readout } from './readout.js';
import { retryingFor } from './retry.js';
import type { ArchiveServices } from './services.js';
import type { BadSource } from './set-aside.js';
import { setAside } from './set-aside.js';
import { archiveSource, freePixels, openFiles, pullPixels } from './source.js';
import type { ImageContext } from './source-context.js';

/**
 * The whole flow of one image: DAQ > assemble > ledger > stage.
 *
 * Bands are pulled and compressed while the pixels still arrive; a REB's files are written as soon as its pixels and the metadata are there; a file
 * is durable and verified before the ledger knows it, and in the ledger before anybody else hears of it. Repeating the call does only what is left.
 *
 * When `leave` aborts, the image is left as it is: it stays `open` in the ledger, nothing is recorded as failed or fixed as missing, and whoever archives
 * it next goes on from there.
 *
 * @returns the image as the ledger holds it then
 * @throws ArchiverError when the image cannot even be identified; whatever fails later is recorded per CCD, and the other CCDs go on.
 */
export async function archiveImage(
  tag: ImageTag,
  readout: Readout,
  services: ArchiveServices,
  leave: AbortSignal,
): Promise<ImageRow> {
  const { ledger, settings } = services;
  const limit = { seconds: settings.deadlines.image, signal: leave };
  const { image, entry } = await retryingFor(services, limit, () => beginImage(tag, services));
  if (openSources(image, entry) > 0) await archiveFiles({ image, entry, readout, services }, leave);
  if (leave.aborted) return leftImage(image, services);
  return retryingFor(services, limit, () => ledger.closeImage(image.obsid.text));
}

/** How many sources have files that are not written yet. */
function openSources(image: ImagePlan, entry: ImageEntry): number {
  return image.sources.filter((source) => openFiles({ image, entry, source }).length > 0).length;
}

/** The ledger knows the image before anything of it is pulled or written. */
async function beginImage(tag: ImageTag, services: ArchiveServices): Promise<{ image: ImagePlan; entry: ImageEntry }> {
  const image = await identifyImage(tag, services);
  return { image, entry: await services.ledger.beginImage(image.start) };
}

async function leftImage({ obsid }: ImagePlan, { ledger }: ArchiveServices): Promise<ImageRow> {
  const row = await ledger.view().image(obsid.text);
  if (row !== undefined) return row;
  throw new ArchiverError('INTERNAL', { problem: `image ${obsid.text} is not in the ledger that it was begun in` });
}

/** Every file that the image does not have yet. Whatever waits for the image lets go when this ends. */
async function archiveFiles(
  begun: Pick<ImageContext, 'image' | 'entry' | 'readout' | 'services'>,
  leave: AbortSignal,
): Promise<void> {
  const { image, readout, services } = begun;
  const over = new AbortController();
  const { signal, release } = joinSignals(over.signal, leave);
  try {
    readout.begin(openSources(image, begun.entry));
    follow(image, readout, services, signal);
    const pulling = pullPixels(image, image.sources, services);
    const metadata = gatherMetadata(image, readout, services, signal);
    for (const early of [pulling, metadata]) early.catch(() => undefined); // told to each source that needs it
    const bad: BadSource[] = [];
    await archiveSources({ ...begun, pulling, metadata, signal, bad }, over, leave);
    await setAside(image, bad, services, leave);
  } finally {
    over.abort();
    release();
    await freePixels(image, services);
  }
}

/** Events that were recorded before anybody listened; a capture will bring no more, a live image must not wait for lost ones for ever. */
function follow(image: ImagePlan, readout: Readout, { clock, settings }: ArchiveServices, signal: AbortSignal): void {
  readout.recorded(image.description);
  if (settings.live) {
    clock.delay(settings.deadlines.image * 1000, signal).then(
      () => readout.assumeEnded(),
      () => undefined,
    );
  } else {
    readout.assumeEnded();
    readout.assumeTelemetry();
  }
}

/** Runs the sources until the image's deadline; then whatever has no file is recorded as failed, and the image reaches its end. */
async function archiveSources(context: ImageContext, over: AbortController, leave: AbortSignal): Promise<void> {
  const { image, readout, services } = context;
  const open = new Set(image.sources);
  const work = Promise.all(
    image.sources.map((source) =>
      archiveSource({ ...context, source, waiting: new Map() }).then(() => open.delete(source)),
    ),
  );
  const seconds = services.settings.deadlines.image;
  const result = await within(work, { from: readout.counted, seconds, clock: services.clock });
  if (result !== EXPIRED) return;
  over.abort();
  const error = new ArchiverError('IMAGE_DEADLINE', { obsid: image.obsid.text, seconds });
  const files = [...open].flatMap((source) => openFiles({ ...context, source }));
  await retryingFor(services, { seconds, signal: leave }, () => recordFailure(files, error, services)).catch(
    (unrecorded) => {
      if (!leave.aborted) throw unrecorded;
    },
  );
}
