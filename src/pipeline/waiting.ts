import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SourcePixels } from '../assemble/port.js';
import { asArchiverError } from '../model/errors.js';
import { baseName, type FileId } from '../model/ids.js';
import { writeFailure } from '../model/write-failure.js';
import { EXPIRED, within } from './deadline.js';
import { type FileMaking, fileJob } from './files.js';
import { inLanes } from './lanes.js';
import type { Metadata } from './metadata.js';
import type { ArchiveServices } from './services.js';
import type { SourceContext } from './source-context.js';

/**
 * Whole pixels wait for the metadata in the pool, past `pool.spillAfter` on disk, so that a late header costs no memory. What cannot be written goes on
 * waiting in the pool.
 */
export async function waitForMetadata(
  context: SourceContext,
  files: readonly FileId[],
  pixels: SourcePixels,
): Promise<void> {
  const { metadata, services, signal, readout } = context;
  const { clock, settings } = services;
  const limit = { from: Promise.resolve(clock.monotonicMs()), seconds: settings.pool.spillAfter, clock, signal };
  if ((await within(metadata, limit)) !== EXPIRED) return;
  try {
    await inLanes(files, 1, (file) => spill(context, file, pixels.crc32));
    await services.assembler.release(context.image.obsid.text, context.source.location);
    readout.spilled(context.source.location);
  } catch (thrown) {
    context.waiting.clear();
    if (!signal.aborted) services.report.problem(asArchiverError(thrown), context.image.obsid.text);
  }
}

/** Removes what an image has left on disk. What cannot be removed costs nothing but room, until the next start. */
export async function removeWaiting(obsid: string, { settings, report }: ArchiveServices): Promise<void> {
  const folder = join(settings.root, folderOf(obsid));
  await rm(folder, { recursive: true, force: true }).catch((error) => {
    report.problem(asArchiverError(writeFailure(error, folder)), obsid);
  });
}

/** With the header as it is known now; the one that the file gets takes its place. */
async function spill(context: SourceContext, id: FileId, crc32: number): Promise<void> {
  const { image, entry, source, services, waiting } = context;
  const { description } = image;
  const metadata: Metadata = { ...description, header: null };
  const { location } = source;
  const making: FileMaking = { id, createdAt: entry.createdAt, location, crc32, metadata, sources: [] };
  const base = `${folderOf(id.obsid)}/${baseName(id)}_${id.product}`;
  const job = { ...fileJob(making, { location }, services), path: `${base}.fits`, sidecarPath: `${base}.json` };
  const { dataSums } = await services.assembler.finish(job);
  waiting.set(id, { from: job.path, dataSums, crc32 });
}

/** Below .tmp: what a process leaves there is removed by the next one. */
function folderOf(obsid: string): string {
  return `.tmp/waiting/${obsid}`;
}
