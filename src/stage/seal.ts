import { digestFile } from '../model/digest.js';
import { ArchiverError } from '../model/errors.js';
import type { Seal } from './port.js';

/** A file to read back: absolute paths and the size that the ledger holds. */
export interface SealJob {
  readonly path: string;
  readonly bytes: number;
  /** Its sidecar, which is digested as it stands. */
  readonly sidecarPath: string;
}

/** Ones'-complement sum of big-endian words, a multiple of 4 bytes, continued from `seed` (NativeCore.dataSum). */
export type WordSum = (bytes: Uint8Array, seed: number) => number;

/** Every HDU that carries its CHECKSUM sums to this, and so does the whole file (FITS standard 4.0, appendix J). */
const MINUS_ZERO = 0xffffffff;

/**
 * Reads a file back after it was written and gives the digests that seal it. Bytes that no longer sum as they did when they were
 * written are never sealed: the digests would only vouch for the damage.
 * @throws ArchiverError FILE_MISSING, FILE_UNREADABLE, SIZE_MISMATCH, FITS_INVALID
 */
export async function sealFile({ path, bytes, sidecarPath }: SealJob, wordSum: WordSum): Promise<Seal> {
  let sum = 0;
  const seal = await digestFile(path, ['sha256', 'md5'], bytes, (chunk) => {
    sum = wordSum(chunk.subarray(0, chunk.length - (chunk.length % 4)), sum);
  });
  if (sum === MINUS_ZERO) {
    const { sha256: sidecarSha256 } = await digestFile(sidecarPath, ['sha256']);
    return { ...seal, sidecarSha256 };
  }
  const problem = `read back from disk, it sums to ${sum.toString(16).padStart(8, '0')} instead of ffffffff`;
  throw new ArchiverError('FITS_INVALID', { path, problem });
}
