import { join } from 'node:path';
import type { FileFacts, FileJob, FinishedFile, PixelPlace } from '../assemble/port.js';
import { mergeHeader } from '../header/merge.js';
import { ArchiverError } from '../model/errors.js';
import { type FileId, relativeBase, revisionFolder } from '../model/ids.js';
import type { WrittenRecord } from '../stage/port.js';
import { emulatedImage, exposureFacts } from './exposure.js';
import type { Metadata, SourceFacts } from './metadata.js';
import type { ArchiveServices } from './services.js';
import { visitOf } from './visit.js';

/** Folder below the data root that holds a product. */
const PRODUCT_FOLDER = { raw: 'archive', corrected: 'corrected' } as const;

/** Which file is made of what. */
export interface FileMaking {
  readonly id: FileId;
  readonly createdAt: string;
  /** Of the REB that the pixels come from, and the CRC-32 of its whole stream. */
  readonly location: string;
  readonly crc32: number;
  readonly metadata: Metadata;
  /** Of REBs that the metadata does not tell of. */
  readonly sources: readonly SourceFacts[];
}

/** One file: composed, written durably, recorded in the ledger, and only then put in the queue. @returns its bytes */
export async function makeFile(making: FileMaking, pixels: PixelPlace, services: ArchiveServices): Promise<number> {
  const job = fileJob(making, pixels, services);
  const { file, facts, root, path } = job;
  reportMissingSections(file, facts, services);
  const finished = await services.assembler.finish(job);
  if (finished.outcome === 'conflict') {
    throw new ArchiverError('FILE_CONFLICT', { path: join(root, path), aside: finished.asidePath ?? '?' });
  }
  await services.ledger.recordWritten(writtenRecord(job, making.crc32, finished, services));
  await services.stage([{ kind: 'seal', file }]);
  return finished.bytes;
}

export function fileJob(making: FileMaking, pixels: PixelPlace, services: ArchiveServices): FileJob {
  const { camera, settings } = services;
  const { id } = making;
  const base = join(PRODUCT_FOLDER[id.product], revisionFolder(id), relativeBase(camera.instrument, id));
  return {
    file: id,
    pixels,
    facts: fileFacts(making, services),
    root: settings.root,
    path: `${base}.fits`,
    sidecarPath: `${base}.json`,
    aside: join(settings.root, 'quarantine'),
    folderMode: settings.folderMode,
  };
}

function fileFacts(making: FileMaking, { camera, settings }: ArchiveServices): FileFacts {
  const { id, createdAt, location, metadata } = making;
  const { events, header } = metadata;
  // A REB that the DAQ told of only after the metadata was fixed has no file yet whose bytes must be met.
  const info = [...metadata.sources, ...making.sources].find((source) => source.location === location);
  if (info === undefined) throw new ArchiverError('DAQ_NO_SOURCE', { image: id.obsid, location });
  const conditions = { ...metadata.conditions['*'], ...metadata.conditions[location] };
  return {
    compression: settings.compression,
    createdAt,
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
  { file, facts, path, sidecarPath }: FileJob,
  sourceCrc32: number,
  finished: FinishedFile,
  services: ArchiveServices,
): WrittenRecord {
  const { groupId, curIndex } = visitOf(facts);
  return {
    file,
    path,
    sidecarPath,
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
