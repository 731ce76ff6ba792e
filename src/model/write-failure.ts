import { dirname } from 'node:path';
import { ArchiverError } from './errors.js';

const NO_SPACE = ['ENOSPC', 'EDQUOT', 'EFBIG'];
const NO_DESCRIPTOR = ['EMFILE', 'ENFILE'];
const NOT_ALLOWED = ['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR', 'ENAMETOOLONG'];

/**
 * The error table's row for what the file system said about writing `path`; all that is not its word is returned as
 * it is.
 */
export function writeFailure(error: unknown, path: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof ArchiverError || code === undefined) return error;
  const options = { cause: error };
  if (NO_SPACE.includes(code)) return new ArchiverError('DISK_FULL', { path: dirname(path) }, options);
  if (NOT_ALLOWED.includes(code)) {
    return new ArchiverError('FOLDER_UNWRITABLE', { path: dirname(path), reason: message }, options);
  }
  if (NO_DESCRIPTOR.includes(code)) {
    return new ArchiverError('DESCRIPTORS_EXHAUSTED', { path, reason: message }, options);
  }
  return new ArchiverError('WRITE_FAILED', { path, reason: message }, options);
}

export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return codes.includes((error as NodeJS.ErrnoException).code ?? '');
}
