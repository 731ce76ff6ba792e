import type { FileId, Product } from '../model/ids.js';
import { type DirectoryOptions, DirectoryTarget } from './directory.js';
import type { Delivery, StagedFile, StagingTarget } from './port.js';

export interface PromptFileOptions extends DirectoryOptions {
  /** What prompt processing gets under its key. */
  readonly product: Product;
}

/**
 * The prompt-processing bucket as a folder: the path below it is the object key. Linked, so that the spool's name
 * may go while the object stays.
 */
export class PromptFileTarget implements StagingTarget {
  readonly name = 'prompt';
  readonly #directory: DirectoryTarget;
  readonly #product: Product;

  constructor({ product, ...options }: PromptFileOptions) {
    this.#directory = new DirectoryTarget(this.name, { ...options, mode: 'link' });
    this.#product = product;
  }

  accepts(file: FileId): boolean {
    return file.product === this.#product && file.version === 1;
  }

  deliver(file: StagedFile): Promise<Delivery> {
    return this.#directory.deliver(file);
  }

  async close(): Promise<void> {}
}
