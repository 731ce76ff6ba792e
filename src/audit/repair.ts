import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Publisher } from '../handoff/publisher.js';
import { writeFailure } from '../model/write-failure.js';
import type { Copy, FileAudit } from './audit.js';

export interface RepairOptions {
  readonly root: string;
  readonly folderMode: number;
}

export interface Repair {
  /** The copy whose bytes were taken. */
  readonly source: string;
  /** Where the damaged file was kept; undefined when nothing stood there. */
  readonly aside?: string;
}

/**
 * Restores the archive's file from a sound copy with another inode. The damaged one is kept below quarantine/damaged, never written over: its other
 * names share its bytes. Targets that were names of it become names of the restored one.
 * @returns undefined when there is no sound copy with another inode
 * @throws ArchiverError FOLDER_UNWRITABLE, DISK_FULL, WRITE_FAILED, DIGEST_MISMATCH
 */
export async function repairFile(
  { row, copies }: FileAudit,
  { root, folderMode }: RepairOptions,
): Promise<Repair | undefined> {
  const [own, ...others] = copies;
  const sound = others.find(({ state }) => state === 'sound');
  if (own === undefined || sound === undefined || own.inode === sound.inode) return undefined;
  const publisher = new Publisher({ folderMode, temporary: join(root, '.tmp') });
  const kept = join(root, 'quarantine', 'damaged', row.path);
  const aside = own.inode === undefined ? undefined : await publisher.setAside(own.path, kept);
  const sha256 = row.seal === null ? {} : { sha256: row.seal.sha256 };
  const replace = async (copy: Copy, source: string, mode: 'link' | 'copy') => {
    if (copy.inode !== undefined) await remove(copy.path);
    await publisher.place({ source, name: copy.path, mode, ...sha256 });
    await publisher.sync(copy.path);
  };
  await replace(own, sound.path, 'copy');
  for (const copy of others)
    if (copy.state === 'damaged' && copy.inode === own.inode) await replace(copy, own.path, 'link');
  return { source: sound.path, ...(aside === undefined ? {} : { aside }) };
}

async function remove(path: string): Promise<void> {
  await unlink(path).catch((error) => {
    throw writeFailure(error, path);
  });
}
