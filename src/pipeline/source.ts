import { ArchiverError, asArchiverError } from '../model/errors.js';
import { type FileId, fileKey } from '../model/ids.js';
import { EXPIRED, within } from './deadline.js';
import { recordSourceFailure } from './failure.js';
import { writeFile } from './files.js';
import type { ImagePlan } from './identify.js';
import { retrying } from './retry.js';
import type { ArchiveServices } from './services.js';
import type { SourceContext } from './source-context.js';

/** Step 2: pulling starts as bytes land. Sources that the DAQ does not have are left to archiveSource to report. */
export async function pullPixels(image: ImagePlan, { assembler, settings }: ArchiveServices): Promise<void> {
  const planned = new Set(image.sources.filter((s) => s.ccds.length > 0).map((s) => s.location));
  await assembler.begin({
    obsid: image.obsid.text,
    tag: image.tag,
    sources: image.description.sources.filter((source) => planned.has(source.location)),
    products: settings.products,
    compression: settings.compression,
  });
}

/** Steps 4 and 5: whole and proved pixels become files, each recorded and staged; a failure is recorded and ends only this source. */
export async function archiveSource(context: SourceContext): Promise<void> {
  const { image, source, services } = context;
  const files = openFiles(context);
  if (files.length === 0) return;
  try {
    if (!image.description.sources.some((s) => s.location === source.location)) {
      throw new ArchiverError('DAQ_NO_SOURCE', { image: image.obsid.text, location: source.location });
    }
    await retrying({ clock: services.clock, signal: context.signal }, async () => {
      await pullPixels(image, services);
      const pixels = await wholePixels(context);
      const metadata = await context.metadata;
      for (const file of files) {
        if (!file.written) await writeFile(context, file.id, pixels.crc32, metadata);
        file.written = true;
      }
    });
  } catch (error) {
    await recordSourceFailure(image, source, asArchiverError(error), services);
  }
}

/** Frees the image's pixels. An assembler that died meanwhile has freed them already. */
export async function freePixels(image: ImagePlan, { assembler }: ArchiveServices): Promise<void> {
  await assembler.end(image.obsid.text).catch((error) => {
    if (asArchiverError(error).code !== 'ASSEMBLER_DIED') throw error;
  });
}

function openFiles({ image, entry, source }: SourceContext): { id: FileId; written: boolean }[] {
  const done = new Set(entry.written.map(fileKey));
  const all = source.ccds.flatMap(({ ccd, products }) =>
    products.map(
      (product): FileId => ({
        obsid: image.obsid.text,
        raft: source.raft.bay,
        sensor: ccd.sensor,
        product,
        version: 1,
      }),
    ),
  );
  return all.filter((id) => !done.has(fileKey(id))).map((id) => ({ id, written: false }));
}

async function wholePixels({ image, source, readout, services }: SourceContext) {
  const { assembler, clock, settings } = services;
  const seconds = settings.deadlines.source;
  const pixels = await within(assembler.source(image.obsid.text, source.location), {
    from: readout.ended,
    seconds,
    clock,
  });
  if (pixels !== EXPIRED) return pixels;
  throw new ArchiverError('SOURCE_DEADLINE', { image: image.obsid.text, location: source.location, seconds });
}
