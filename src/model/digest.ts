import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { ArchiverError } from './errors.js';
import { readFailure } from './read-failure.js';

export type DigestName = 'sha256' | 'md5' | 'blake2b512';

/** One piece of a file; hashing it keeps a loop busy for 1 to 3 ms. */
export const CHUNK_BYTES = 1024 * 1024;

/**
 * Calls `use` with each piece of an open file in order, from its beginning; all but the last have CHUNK_BYTES. The piece is
 * valid until `use` is done.
 * @returns bytes read
 */
export async function forEachChunk(
  file: FileHandle,
  use: (chunk: Uint8Array) => void | Promise<void>,
): Promise<number> {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  let position = 0;
  for (;;) {
    const filled = await fill(file, buffer, position);
    if (filled === 0) return position;
    position += filled;
    await use(buffer.subarray(0, filled));
  }
}

/** A read may give less than was asked for before the end of the file; only nothing is its end. */
async function fill(file: FileHandle, buffer: Buffer, position: number): Promise<number> {
  for (let filled = 0; ; ) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, position + filled);
    filled += bytesRead;
    if (bytesRead === 0 || filled === buffer.length) return filled;
  }
}

/**
 * Reads a file and gives its digests as lower-case hex, all in one pass.
 * @param bytes the size that it must have; undefined accepts any
 * @param use is given each piece, too
 * @throws ArchiverError FILE_MISSING, FILE_UNREADABLE, SIZE_MISMATCH
 */
export async function digestFile<Name extends DigestName>(
  path: string,
  names: readonly Name[],
  bytes?: number,
  use?: (chunk: Uint8Array) => void,
): Promise<Record<Name, string>> {
  const hashes = names.map((name) => ({ name, hash: createHash(name) }));
  const read = await withFile(path, (file) =>
    forEachChunk(file, (chunk) => {
      for (const { hash } of hashes) hash.update(chunk);
      use?.(chunk);
    }),
  );
  if (bytes !== undefined && read !== bytes) {
    throw new ArchiverError('SIZE_MISMATCH', { path, actual: read, expected: bytes });
  }
  return Object.fromEntries(hashes.map(({ name, hash }) => [name, hash.digest('hex')])) as Record<Name, string>;
}

async function withFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    return await use(file);
  } catch (error) {
    throw readFailure(error, path);
  } finally {
    await file?.close();
  }
}

/** The same of bytes in memory. */
export function digestBytes<Name extends DigestName>(bytes: Uint8Array, names: readonly Name[]): Record<Name, string> {
  const digests = names.map((name) => [name, createHash(name).update(bytes).digest('hex')]);
  return Object.fromEntries(digests) as Record<Name, string>;
}
