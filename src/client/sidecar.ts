import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ArchiverError } from '../model/errors.js';
import { readFailure } from '../model/read-failure.js';

/** The cards of a file's primary header by keyword; null where a value is undefined. */
export type Sidecar = Readonly<Record<string, string | number | boolean | null>>;

/**
 * The sidecar of a file, which is there before the file is.
 * @param where path or file: URI of the FITS file
 * @throws ArchiverError FILE_MISSING, FILE_UNREADABLE, HEADER_INVALID
 */
export async function readSidecar(where: string): Promise<Sidecar> {
  const path = (where.startsWith('file:') ? fileURLToPath(where) : where).replace(/\.fits$/, '.json');
  const text = await readFile(path, 'utf8').catch((error) => {
    throw readFailure(error, path);
  });
  try {
    return JSON.parse(text) as Sidecar;
  } catch (error) {
    throw new ArchiverError('HEADER_INVALID', { where: path, problem: (error as Error).message }, { cause: error });
  }
}
