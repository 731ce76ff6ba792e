import type { SourcePixels } from '../assemble/port.js';
import { ArchiverError, asArchiverError } from '../model/errors.js';
import { type FileId, fileKey } from '../model/ids.js';
import { EXPIRED, within } from './deadline.js';
import { recordFailure } from './failure.js';
import { makeFile } from './files.js';
import type { ImagePlan, SourcePlan } from './identify.js';
import { inLanes } from './lanes.js';
import type { Metadata } from './metadata.js';
import { isDeath, retrying, type Tries } from './retry.js';
import type { ArchiveServices } from './services.js';
import type { SourceContext, WaitingFile } from './source-context.js';
import { removeWaiting, waitForMetadata } from './waiting.js';

/** Files of one source under way: while one is written, the next one is gathered, so that the disk is never idle between them. */
export const FILES_AT_ONCE = 2;

/** Step 2: pulling starts as bytes land. Sources that the DAQ does not have are left to archiveSource to report. */
export async function pullPixels(
  image: ImagePlan,
  sources: readonly SourcePlan[],
  { assembler, settings }: ArchiveServices,
): Promise<void> {
  const planned = new Set(sources.filter((s) => s.ccds.length > 0).map((s) => s.location));
  await assembler.begin({
    obsid: image.obsid.text,
    tag: image.tag,
    sources: image.description.sources.filter((source) => planned.has(source.location)),
    products: settings.products,
    compression: settings.compression,
  });
}

/**
 * Steps 4 and 5: whole and proved pixels become files, each recorded and staged. What fails for good is recorded and ends only this source, or only
 * the one file.
 */
export async function archiveSource(context: SourceContext): Promise<void> {
  const { image, source, services, signal } = context;
  const left = new Set(openFiles(context));
  if (left.size === 0) return;
  try {
    if (!image.description.sources.some((s) => s.location === source.location)) {
      throw new ArchiverError('DAQ_NO_SOURCE', { image: image.obsid.text, location: source.location });
    }
    await retrying(services, signal, (tries) => writeFiles(context, left, tries));
  } catch (error) {
    if (signal.aborted) return; // the image ended without this source, and its end says why, or was left as it is
    await giveUp(context, [...left], asArchiverError(error));
  } finally {
    await freed(services.assembler.release(image.obsid.text, source.location));
  }
}

async function giveUp(context: SourceContext, left: readonly FileId[], error: ArchiverError): Promise<void> {
  const { source, services, signal, bad } = context;
  bad.push({ location: source.location, error });
  await retrying(services, signal, () => recordFailure(left, error, services)).catch((unrecorded) => {
    if (!signal.aborted) throw unrecorded;
  });
}

/** Files that the source must still become. */
export function openFiles({ image, entry, source }: Pick<SourceContext, 'image' | 'entry' | 'source'>): FileId[] {
  const done = new Set(entry.written.map(fileKey));
  const { text: obsid } = image.obsid;
  return source.ccds
    .flatMap(({ ccd, products }) =>
      products.map((product) => ({ obsid, raft: source.raft.bay, sensor: ccd.sensor, product, version: 1 })),
    )
    .filter((id) => !done.has(fileKey(id)));
}

/** Frees the image's pixels, in the pool and on disk. */
export async function freePixels(image: ImagePlan, services: ArchiveServices): Promise<void> {
  await freed(services.assembler.end(image.obsid.text));
  await removeWaiting(image.obsid.text, services);
}

/** An assembler that died meanwhile has freed the pixels already. */
async function freed(call: Promise<void>): Promise<void> {
  await call.catch((error) => {
    if (!isDeath(asArchiverError(error))) throw error;
  });
}

/**
 * One try. A suspect of a crash has its turn from its first byte to its last file: pixels that waited for another turn would keep room from whoever
 * has that one. No turn waits for a header.
 */
async function writeFiles(context: SourceContext, left: Set<FileId>, tries: Tries): Promise<void> {
  if (tries.deaths === 0) return pixelsToFiles(context, left, tries);
  await context.metadata;
  await context.services.suspects.take(() => pixelsToFiles(context, left, tries));
}

/** A file leaves `left` when it is written, or when it never can be. */
async function pixelsToFiles(context: SourceContext, left: Set<FileId>, tries: Tries): Promise<void> {
  const { services } = context;
  const isOnDisk = [...left].every((file) => context.waiting.has(file));
  const pixels = isOnDisk ? undefined : await wholePixels(context, tries);
  if (pixels !== undefined) await waitForMetadata(context, [...left], pixels);
  const metadata = await context.metadata;
  await inLanes(left, FILES_AT_ONCE, async (file) => {
    context.signal.throwIfAborted();
    try {
      await writeFile(context, file, context.waiting.get(file) ?? pixels, metadata);
    } catch (thrown) {
      const error = asArchiverError(thrown);
      if (error.retryable || context.signal.aborted) throw error;
      await recordFailure([file], error, services);
    }
    left.delete(file);
  });
}

/** From the pool, or from where the pixels wait on disk. */
async function writeFile(
  context: SourceContext,
  id: FileId,
  pixels: SourcePixels | WaitingFile | undefined,
  metadata: Metadata,
): Promise<void> {
  const { image, entry, source, services, readout } = context;
  const { location } = source;
  if (pixels === undefined) throw new ArchiverError('PIXELS_LOST', { location, image: id.obsid });
  const { sources } = image.description;
  const making = { id, createdAt: entry.createdAt, location, crc32: pixels.crc32, metadata, sources };
  const bytes = await makeFile(making, pixels, services);
  services.report.written(id, bytes, readout.msSinceEnd());
}

async function wholePixels(context: SourceContext, { failed }: Tries): Promise<SourcePixels> {
  const { image, source, readout, services, signal } = context;
  const { assembler, clock, settings } = services;
  signal.throwIfAborted();
  if (failed === 0) await context.pulling;
  else await pullPixels(image, [source], services);
  const seconds = settings.deadlines.source;
  const work = assembler.source(image.obsid.text, source.location);
  const pixels = await within(work, { from: readout.counted, seconds, clock, signal });
  if (pixels !== EXPIRED) return pixels;
  throw new ArchiverError('SOURCE_DEADLINE', { image: image.obsid.text, location: source.location, seconds });
}
