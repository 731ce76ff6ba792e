import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { ArchiverError } from '../../model/errors.js';
import { readFailure } from '../../model/read-failure.js';

/**
 * Opens a file of a capture for reading. A pipe would block for ever and a device has no length, so only regular files are opened.
 * @throws CAPTURE_INVALID, FILE_MISSING, FILE_UNREADABLE
 */
export async function openCaptured(path: string): Promise<FileHandle> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    // A socket cannot even be opened.
    throw (error as NodeJS.ErrnoException).code === 'ENXIO' ? notRegular(path) : fileError(path, error);
  }
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw notRegular(path);
}

/** Length of a captured file in bytes. @throws CAPTURE_INVALID, FILE_MISSING, FILE_UNREADABLE */
export async function capturedBytes(path: string): Promise<number> {
  return using(path, async (file) => (await file.stat()).size);
}

/** Undefined when there is no such file. @throws CAPTURE_INVALID, FILE_UNREADABLE */
export async function readCapturedText(path: string): Promise<string | undefined> {
  try {
    return await using(path, (file) => file.readFile('utf8'));
  } catch (error) {
    if (error instanceof ArchiverError && error.code === 'FILE_MISSING') return undefined;
    throw error;
  }
}

async function using<T>(path: string, work: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await openCaptured(path);
  try {
    return await work(file);
  } catch (error) {
    throw fileError(path, error);
  } finally {
    await file.close();
  }
}

function notRegular(path: string): ArchiverError {
  return new ArchiverError('CAPTURE_INVALID', { path, problem: 'it is no regular file' });
}

/** The error table's row for a file of a capture that could not be opened or read. */
export function fileError(path: string, error: unknown): ArchiverError {
  const failure = readFailure(error, path);
  if (failure instanceof ArchiverError) return failure;
  return new ArchiverError('FILE_UNREADABLE', { path, reason: (error as Error).message }, { cause: error });
}
