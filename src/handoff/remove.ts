import { rmdir, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeFailure } from '../model/write-failure.js';

/**
 * Removes a file and its sidecar, then its image's folder unless that holds other files. The file first: a sidecar alone is a legal state, a file
 * without its sidecar is not.
 * @throws ArchiverError FOLDER_UNWRITABLE, WRITE_FAILED
 */
export async function removeFile(path: string): Promise<void> {
  const sidecar = path.replace(/\.fits$/, '.json');
  try {
    await unlink(path);
    await unlink(sidecar).catch(() => undefined);
  } catch (error) {
    throw writeFailure(error, path);
  }
  await rmdir(dirname(path)).catch(() => undefined);
}
