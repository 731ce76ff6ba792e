import { readFile } from 'node:fs/promises';
import { padded } from '../fits/hdu.js';
import { storedFile } from '../fits/stored-file.js';
import { ArchiverError } from '../model/errors.js';
import { readFailure } from '../model/read-failure.js';
import type { NativeCore, WrittenFile } from '../native/contract.js';
import type { RewriteTask } from './jobs.js';

/**
 * Writes the pixels of a durable file under other headers. They are proved first to be those that were written.
 * @throws ArchiverError FILE_MISSING, FILE_UNREADABLE, DESCRIPTORS_EXHAUSTED, FITS_INVALID, FITS_CHECKSUM, and what NativeCore.finish throws
 */
export async function rewriteFile(native: NativeCore, task: RewriteTask): Promise<WrittenFile> {
  const stored = storedFile(task.from, await readWhole(task.from));
  proveDataUnits(native, stored, task);
  return native.rewrite(stored, task.file);
}

async function readWhole(path: string): Promise<Uint8Array> {
  return readFile(path).catch((error) => {
    throw readFailure(error, path);
  });
}

function proveDataUnits(
  native: NativeCore,
  { bytes, segments, hdus }: ReturnType<typeof storedFile>,
  { from: path, dataSums }: RewriteTask,
): void {
  segments.forEach((segment, index) => {
    const hdu = hdus[index] ?? 0;
    const unit = bytes.subarray(segment.offset, segment.offset + padded(segment.bytes));
    if (native.dataSum(unit) === dataSums[hdu]) return;
    throw new ArchiverError('FITS_CHECKSUM', { path, hdu, keyword: 'DATASUM' });
  });
}
