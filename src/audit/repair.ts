import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { sidecarPath } from '../fits/verify-sidecar.js';
import { Publisher } from '../handoff/publisher.js';
import { writeFailure } from '../model/write-failure.js';
import type { FileRow } from '../stage/port.js';
import { type Copy, type FileAudit, inodeOf, lookAtSidecar } from './audit.js';

export interface RepairOptions {
  readonly root: string;
  readonly folderMode: number;
  /** Makes a file and its sidecar again from its source, when no copy is left. @returns path of the file @throws ArchiverError why it cannot */
  readonly remake?: (row: FileRow) => Promise<string>;
}

export interface Repair {
  /** The copy whose bytes were taken. */
  readonly source: string;
  /** Where the damaged file was kept; undefined when nothing stood there. */
  readonly aside?: string;
}

/**
 * Restores the archive's file, or its sidecar, from a sound copy with another inode, else from its source. The damaged one is kept below quarantine/damaged, never
 * written over: its other names share its bytes. Targets that were names of it become names of the restored one.
 * @returns undefined when nothing is left that it could be restored from
 * @throws ArchiverError FOLDER_UNWRITABLE, DISK_FULL, WRITE_FAILED, DIGEST_MISMATCH, and as `remake`
 */
export async function repairFile(found: FileAudit, options: RepairOptions): Promise<Repair | undefined> {
  const [own] = found.copies;
  if (own === undefined) return undefined;
  if (found.isDamaged) return repairFits(found, own, options);
  return found.badSidecar === undefined ? undefined : repairSidecar(found, own, options);
}

async function repairFits({ row, copies }: FileAudit, own: Copy, options: RepairOptions): Promise<Repair | undefined> {
  const copy = copies.find(({ state, inode }) => state === 'sound' && inode !== own.inode);
  const source = copy?.path ?? (await options.remake?.(row));
  if (source === undefined) return undefined;
  const names = copies.filter(({ state, target }) => state === 'damaged' && target !== undefined);
  const sha256 = row.seal?.sha256;
  return replace({ own: own.path, names: names.map(({ path }) => path), source, kept: row.path, sha256 }, options);
}

async function repairSidecar(
  { row, copies }: FileAudit,
  own: Copy,
  options: RepairOptions,
): Promise<Repair | undefined> {
  const sidecar = sidecarPath(own.path);
  const others = copies.filter(({ path, state }) => path !== own.path && state === 'sound');
  const { inode } = await inodeOf(sidecar);
  const inodes = await Promise.all(others.map(({ path }) => inodeOf(sidecarPath(path))));
  const problems = await Promise.all(others.map(({ path }) => lookAtSidecar(path, row)));
  const sound = others.find((_, index) => inodes[index]?.inode !== inode && problems[index] === undefined);
  const fits = sound?.path ?? (await options.remake?.(row));
  if (fits === undefined) return undefined;
  const names = others.map(({ path }) => sidecarPath(path));
  return replace({ own: sidecar, names, source: sidecarPath(fits), kept: row.sidecarPath }, options);
}

interface Replacing {
  readonly own: string;
  /** Names that may share the damaged bytes. */
  readonly names: readonly string[];
  readonly source: string;
  /** Path below the root, under which the damaged one is kept. */
  readonly kept: string;
  readonly sha256?: string | undefined;
}

async function replace(
  { own, names, source, kept, sha256 }: Replacing,
  { root, folderMode }: RepairOptions,
): Promise<Repair> {
  const publisher = new Publisher({ folderMode, temporary: join(root, '.tmp') });
  const { inode } = await inodeOf(own);
  const put = async (name: string, from: string, mode: 'link' | 'copy') => {
    if ((await inodeOf(name)).inode !== undefined) await remove(name);
    await publisher.place({ source: from, name, mode, ...(sha256 === undefined ? {} : { sha256 }) });
    await publisher.sync(name);
  };
  const shared: string[] = [];
  for (const name of names) if (inode !== undefined && (await inodeOf(name)).inode === inode) shared.push(name);
  const aside =
    inode === undefined ? undefined : await publisher.setAside(own, join(root, 'quarantine', 'damaged', kept));
  await put(own, source, 'copy');
  for (const name of shared) await put(name, own, 'link');
  return { source, ...(aside === undefined ? {} : { aside }) };
}

async function remove(path: string): Promise<void> {
  await unlink(path).catch((error) => {
    throw writeFailure(error, path);
  });
}
