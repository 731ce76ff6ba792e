import { ArchiverError } from './errors.js';

/** What a disk or a file server says while it is not well; the bytes may be as they were. */
const PASSING = ['EIO', 'ESTALE', 'ETIMEDOUT', 'EREMOTEIO', 'ENODEV', 'ENXIO'];

/**
 * The error table's row for a file that could not be opened or read; what is not the word of the file system is returned as it is. A read that fails is
 * no verdict on the file: its copies are not given up for it.
 */
export function readFailure(error: unknown, path: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof ArchiverError || code === undefined) return error;
  const options = { cause: error };
  if (code === 'EMFILE' || code === 'ENFILE') {
    return new ArchiverError('DESCRIPTORS_EXHAUSTED', { path, reason: message }, options);
  }
  if (code === 'ENOENT') return new ArchiverError('FILE_MISSING', { path }, options);
  if (PASSING.includes(code)) return new ArchiverError('READ_FAILED', { path, reason: message }, options);
  return new ArchiverError('FILE_UNREADABLE', { path, reason: message }, options);
}
