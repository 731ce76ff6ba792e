import { ccdBySlot } from '../camera/locations.js';
import type { HeaderPackage } from '../model/header-package.js';
import type { FileRow } from '../stage/port.js';
import { makeFile } from './files.js';
import { inLanes } from './lanes.js';
import type { Metadata } from './metadata.js';
import type { ArchiveServices } from './services.js';

/** The version that a late header package makes of a file. */
const REVISION = 2;

/**
 * A header package that comes when its image is archived without one makes version 2 of each raw file: the same pixels, with the header that version 1
 * would have had. Version 1 stays. The package is fixed in the ledger before the first file, so that a repeat after a restart writes the same bytes.
 * @param obsid one of those that LedgerView.headerless lists
 * @param fetch asks for the package; only when none is fixed yet
 * @throws ArchiverError as `fetch` and Assembler.finish do, once the other files are written; calling again does what is left
 */
export async function reviseImage(
  obsid: string,
  services: ArchiveServices,
  fetch: () => Promise<HeaderPackage>,
): Promise<void> {
  const { ledger } = services;
  const image = await ledger.view().image(obsid);
  if (image === undefined) return;
  const { createdAt } = image;
  const metadata = await fixedWithHeader(obsid, services, fetch);
  const files = image.files.filter(({ file, header }) => file.product === 'raw' && header === 'MISSING');
  await inLanes(files, 1, (file) => reviseFile(file, { createdAt, metadata }, services));
  await ledger.closeImage(obsid);
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

/** One that was written before a restart is met by the same bytes. */
async function reviseFile(
  { file, path: from, dataSums, sourceCrc32: crc32 }: FileRow,
  { createdAt, metadata }: { readonly createdAt: string; readonly metadata: Metadata },
  services: ArchiveServices,
): Promise<void> {
  const id = { ...file, version: REVISION };
  const { location } = ccdBySlot(services.camera, file.raft, file.sensor).reb;
  await makeFile({ id, createdAt, location, crc32, metadata, sources: [] }, { from, dataSums }, services);
}
