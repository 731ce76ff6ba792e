import type { FileId } from '../model/ids.js';
import { DirectoryTarget, type LinkedDirectoryOptions } from './directory.js';
import type { Delivery, StagedFile, StagingTarget } from './port.js';

/**
 * The observatory's buffer: OODS takes every file that it finds at once, so names appear whole. It gets the first
 * version of raw files only.
 */
export class OodsTarget implements StagingTarget {
  readonly name = 'oods';
  readonly #directory: DirectoryTarget;

  constructor(options: LinkedDirectoryOptions) {
    this.#directory = new DirectoryTarget(this.name, options);
  }

  accepts(file: FileId): boolean {
    return file.product === 'raw' && file.version === 1;
  }

  deliver(file: StagedFile): Promise<Delivery> {
    return this.#directory.deliver(file);
  }

  async close(): Promise<void> {}
}
