import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ArchiverError } from '../model/errors.js';

/**
 * The files that paths on the command line stand for: a file is itself, a folder is every *.fits below it, in order of name.
 * @throws ArchiverError FILE_MISSING, FILE_UNREADABLE, also for a folder without any
 */
export function fitsFiles(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const found = isFolder(path) ? filesBelow(path) : [path];
    if (found.length === 0) throw new ArchiverError('FILE_MISSING', { path: join(path, '**', '*.fits') });
    return found;
  });
}

/** @throws ArchiverError FILE_MISSING, FILE_UNREADABLE */
export function isFolder(path: string): boolean {
  return reading(path, () => statSync(path).isDirectory());
}

function filesBelow(folder: string): string[] {
  const entries = reading(folder, () => readdirSync(folder, { recursive: true, withFileTypes: true }));
  return entries
    .filter((entry) => !entry.isDirectory() && entry.name.endsWith('.fits'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function reading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new ArchiverError(
      reason === 'ENOENT' ? 'FILE_MISSING' : 'FILE_UNREADABLE',
      { path, reason },
      { cause: error },
    );
  }
}
