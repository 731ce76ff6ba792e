import { digestFile } from '../model/digest.js';
import type { Seal } from './port.js';

/** A file to read back: absolute path and the size that the ledger holds. */
export interface SealJob {
  readonly path: string;
  readonly bytes: number;
}

/**
 * Reads a file back after it was written and gives the digests that seal it.
 * @throws ArchiverError FILE_MISSING, FILE_UNREADABLE, SIZE_MISMATCH
 */
export function sealFile({ path, bytes }: SealJob): Promise<Seal> {
  return digestFile(path, ['sha256', 'md5'], bytes);
}
