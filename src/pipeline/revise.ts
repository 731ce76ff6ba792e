import { ccdBySlot } from '../camera/locations.js';
import type { HeaderPackage } from '../model/header-package.js';
import { type FileId, fileKey } from '../model/ids.js';
import type { FileRow, ImageRow } from '../stage/port.js';
import { makeFile } from './files.js';
import type { Metadata } from './metadata.js';
import type { ArchiveServices } from './services.js';

/** The version that a late header package makes of a file. */
const REVISION = 2;

/** Raw files of an image that were written without a header package and have no later version. */
export function headerlessFiles({ files }: ImageRow): FileRow[] {
  const revised = new Set(files.filter(({ state }) => state !== 'failed').map(({ file }) => fileKey(file)));
  return files.filter(
    ({ file, header, state }) =>
      file.product === 'raw' &&
      header === 'MISSING' &&
      state !== 'failed' &&
      !revised.has(fileKey({ ...file, version: REVISION })),
  );
}

/**
 * A header package that comes when its image is archived without one makes version 2 of each raw file: the same pixels, with the header that version 1
 * would have had. Version 1 stays. The package is fixed in the ledger before the first file, so that a repeat after a restart writes the same bytes.
 * @param fetch asks for the package; only when none is fixed yet
 * @returns how many files were written
 * @throws ArchiverError as `fetch` and Assembler.revise do; calling again does what is left
 */
export async function reviseImage(
  obsid: string,
  services: ArchiveServices,
  fetch: () => Promise<HeaderPackage>,
): Promise<number> {
  const { ledger } = services;
  const image = await ledger.view().image(obsid);
  const files = image === undefined ? [] : headerlessFiles(image);
  if (image === undefined || files.length === 0) return 0;
  const metadata = await fixedWithHeader(obsid, services, fetch);
  for (const file of files) await reviseFile(file, { createdAt: image.createdAt, metadata }, services);
  await ledger.closeImage(obsid);
  return files.length;
}

async function fixedWithHeader(
  obsid: string,
  { ledger }: ArchiveServices,
  fetch: () => Promise<HeaderPackage>,
): Promise<Metadata> {
  const fixed = await ledger.fixedMetadata(obsid, REVISION);
  if (fixed !== undefined) return JSON.parse(fixed) as Metadata;
  const header = await fetch();
  const first = JSON.parse((await ledger.fixedMetadata(obsid, 1)) ?? '') as Metadata;
  return JSON.parse(await ledger.fixMetadata(obsid, REVISION, JSON.stringify({ ...first, header }))) as Metadata;
}

async function reviseFile(
  { file, path, dataSums, sourceCrc32: crc32 }: FileRow,
  { createdAt, metadata }: { readonly createdAt: string; readonly metadata: Metadata },
  services: ArchiveServices,
): Promise<void> {
  const id: FileId = { ...file, version: REVISION };
  const { location } = ccdBySlot(services.camera, file.raft, file.sensor).reb;
  await makeFile({ id, createdAt, location, crc32, metadata, sources: [] }, services, (order) =>
    services.assembler.revise({ ...order, from: path, dataSums }),
  );
}
