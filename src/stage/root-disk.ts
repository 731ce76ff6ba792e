import { randomUUID } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { freeBytes } from '../model/free-bytes.js';
import { writeFailure } from '../model/write-failure.js';

/** More than a file system keeps beside its blocks, so that it must allocate some. */
const PROOF_BYTES = 64 * 1024;
const FOLDER_MODE = 0o750;
const FILE_MODE = 0o600;

/** The file system of a data root, as far as an archiver asks for it. */
export function rootDisk(root: string) {
  const folder = join(root, '.tmp');
  const path = join(folder, `proof-${randomUUID()}`);
  return { path: root, freeBytes: () => freeBelow(root), prove: () => prove(folder, path) };
}

/** @throws ArchiverError as writeFailure */
async function freeBelow(root: string): Promise<number> {
  return freeBytes(root).catch((error) => {
    throw writeFailure(error, join(root, 'archive'));
  });
}

async function prove(folder: string, path: string): Promise<void> {
  try {
    await mkdir(folder, { mode: FOLDER_MODE }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    const file = await open(path, 'w', FILE_MODE);
    try {
      const bytes = Buffer.alloc(PROOF_BYTES);
      const { bytesWritten } = await file.write(bytes);
      if (bytesWritten < bytes.length)
        throw Object.assign(new Error('a part could not be written'), { code: 'ENOSPC' });
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw writeFailure(error, path);
  } finally {
    await rm(path, { force: true }).catch(() => undefined); // what is left is removed at the next start
  }
}
