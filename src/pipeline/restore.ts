import { join } from 'node:path';
import { ccdBySlot } from '../camera/locations.js';
import { ArchiverError } from '../model/errors.js';
import { baseName, fileKey } from '../model/ids.js';
import type { FileRow } from '../stage/port.js';
import { fileJob } from './files.js';
import type { Metadata } from './metadata.js';
import type { ArchiveServices } from './services.js';

/**
 * Makes a file of the ledger again from its source, the DAQ or a capture of the image: the metadata that the ledger has fixed and the same pixels give the same bytes.
 * It gets no name that anybody knows; the sidecar stands beside it.
 * @returns its path
 * @throws ArchiverError DAQ_NO_IMAGE, DAQ_NO_SOURCE, METADATA_GONE, DIGEST_MISMATCH when the pixels are others, and as Assembler.source and finish do
 */
export async function remakeFile(row: FileRow, services: ArchiveServices): Promise<string> {
  const { file } = row;
  const { daq, assembler, camera, ledger, settings } = services;
  const image = await ledger.view().image(file.obsid);
  const tag = (await daq.list()).find(({ name }) => name === file.obsid)?.tag;
  if (image === undefined || tag === undefined) throw new ArchiverError('DAQ_NO_IMAGE', { image: file.obsid });
  const fixed = await ledger.fixedMetadata(file.obsid, file.version);
  if (fixed === undefined) throw new ArchiverError('METADATA_GONE', { file: fileKey(file) });
  const { location } = ccdBySlot(camera, file.raft, file.sensor).reb;
  const { sources } = await daq.describe(tag);
  const source = sources.find((one) => one.location === location);
  if (source === undefined) throw new ArchiverError('DAQ_NO_SOURCE', { image: file.obsid, location });
  const metadata = JSON.parse(fixed) as Metadata;
  try {
    const { compression } = settings;
    await assembler.begin({ obsid: file.obsid, tag, sources: [source], products: [...settings.products], compression });
    const { crc32 } = await assembler.source(file.obsid, location);
    const making = { id: file, createdAt: image.createdAt, location, crc32, metadata, sources };
    const base = join('.tmp', 'remade', `${baseName(file)}_${file.product}_${file.version}`);
    const job = { ...fileJob(making, { location }, services), path: `${base}.fits`, sidecarPath: `${base}.json` };
    requireSame(row, (await assembler.finish(job)).dataSums);
    return join(settings.root, job.path);
  } finally {
    await assembler.end(file.obsid);
  }
}

function requireSame({ path, dataSums }: FileRow, made: readonly number[]): void {
  const [actual, expected] = [made, dataSums].map((sums) => sums.join(' '));
  if (actual === expected) return;
  throw new ArchiverError('DIGEST_MISMATCH', { path, actual: actual ?? '', expected: expected ?? '' });
}
