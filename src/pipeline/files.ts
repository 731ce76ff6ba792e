import { join } from 'node:path';
import type { FileFacts, FinishedFile } from '../assemble/port.js';
import { mergeHeader } from '../header/merge.js';
import { ArchiverError } from '../model/errors.js';
import { type FileId, relativeBase } from '../model/ids.js';
import type { WrittenRecord } from '../stage/port.js';
import { emulatedImage, exposureFacts } from './exposure.js';
import type { Metadata } from './metadata.js';
import type { ArchiveServices } from './services.js';
import type { SourceContext } from './source-context.js';

/** Folder below the data root that holds a product. */
const PRODUCT_FOLDER = { raw: 'archive', corrected: 'corrected' } as const;

/** One file: composed, written durably, recorded in the ledger, and only then put in the queue. */
export async function writeFile(context: SourceContext, id: FileId, crc32: number, metadata: Metadata): Promise<void> {
  const { source, services, readout } = context;
  const { settings, camera } = services;
  const base = relativeBase(camera.instrument, id);
  const folder = PRODUCT_FOLDER[id.product];
  const facts = fileFacts(context, id, metadata);
  reportMissingSections(id, facts, services);
  const finished = await services.assembler.finish({
    file: id,
    location: source.location,
    facts,
    root: settings.root,
    path: `${folder}/${base}.fits`,
    sidecarPath: `${folder}/${base}.json`,
    aside: join(settings.root, 'quarantine'),
    folderMode: settings.folderMode,
  });
  if (finished.outcome === 'conflict') {
    const path = join(settings.root, folder, `${base}.fits`);
    throw new ArchiverError('FILE_CONFLICT', { path, aside: finished.asidePath ?? '?' });
  }
  await services.ledger.recordWritten(writtenRecord(id, `${folder}/${base}`, crc32, facts, finished, services));
  services.report.written(id, finished.bytes, readout.msSinceEnd());
  await services.stage([{ kind: 'seal', file: id }]);
}

function fileFacts({ image, entry, source, services }: SourceContext, id: FileId, metadata: Metadata): FileFacts {
  const { camera, settings } = services;
  const { events, header } = metadata;
  // A REB that the DAQ told of only after the metadata was fixed has no file yet whose bytes must be met.
  const info = [...metadata.sources, ...image.description.sources].find((s) => s.location === source.location);
  if (info === undefined) throw new ArchiverError('DAQ_NO_SOURCE', { image: id.obsid, location: source.location });
  const conditions = { ...metadata.conditions['*'], ...metadata.conditions[source.location] };
  return {
    compression: settings.compression,
    createdAt: entry.createdAt,
    version: settings.version,
    daq: {
      ...metadata.image,
      partition: text(conditions.DAQPART),
      emulatedImage: emulatedImage(events),
      firmware: info.firmware,
      serial: info.serial,
      platform: info.platform,
    },
    exposure: exposureFacts(events),
    conditions,
    header: mergeHeader(header, { camera, raft: id.raft, sensor: id.sensor }),
  };
}

function reportMissingSections(id: FileId, { header }: FileFacts, { report }: ArchiveServices): void {
  if (id.product !== 'raw') return;
  for (const section of header.missing) {
    report.problem(new ArchiverError('HEADER_SECTION_MISSING', { obsid: id.obsid, section }), id.obsid);
  }
}

function writtenRecord(
  file: FileId,
  base: string,
  sourceCrc32: number,
  facts: FileFacts,
  finished: FinishedFile,
  services: ArchiveServices,
): WrittenRecord {
  const { groupId, curIndex } = facts.exposure;
  return {
    file,
    path: `${base}.fits`,
    sidecarPath: `${base}.json`,
    bytes: finished.bytes,
    dataSums: finished.dataSums,
    sourceCrc32,
    header: facts.header.status,
    omitted: finished.omitted,
    ignored: finished.ignored,
    groupId,
    snap: curIndex === null ? null : curIndex - 1,
    targets: services.targetsOf(file),
  };
}

function text(value: string | number | boolean | null | undefined): string | null {
  return value === undefined || value === null ? null : String(value);
}
