import { chmod, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasCode, writeFailure } from '../model/write-failure.js';

/** Makes names in a folder survive a power cut. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Makes folders that survive a power cut: a level is synced into its parent before anything is put into it. */
export class DurableFolders {
  readonly #mode: number;
  /** Folders whose names this process has synced; another may have died between making and syncing one. */
  readonly #synced = new Set<string>();

  /** @param mode of new folders, whatever the umask */
  constructor(mode: number) {
    this.#mode = mode;
  }

  /** @throws ArchiverError FOLDER_UNWRITABLE, DISK_FULL, WRITE_FAILED */
  async make(path: string): Promise<void> {
    try {
      const isNew = await this.#makeLevel(path);
      if (!isNew && this.#synced.has(path)) return;
      await syncFolder(dirname(path));
      this.#synced.add(path);
    } catch (error) {
      throw writeFailure(error, path);
    }
  }

  async #makeLevel(path: string, hasParent = false): Promise<boolean> {
    try {
      await mkdir(path);
    } catch (error) {
      if (hasCode(error, 'EEXIST')) return false;
      // Once more only: /proc answers ENOENT although the parent is there.
      if (!hasCode(error, 'ENOENT') || hasParent) throw error;
      await this.make(dirname(path));
      return await this.#makeLevel(path, true);
    }
    await chmod(path, this.#mode);
    return true;
  }
}
