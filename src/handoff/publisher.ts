import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, link, open, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { digestFile, forEachChunk } from '../model/digest.js';
import { ArchiverError } from '../model/errors.js';
import { readFailure } from '../model/read-failure.js';
import { hasCode, writeFailure } from '../model/write-failure.js';
import { DurableFolders, syncFolder } from './folders.js';

/** Folders that only the archiver uses. */
export const PRIVATE_FOLDER = 0o750;
const FILE_MODE = 0o444;

/** A link is a second name of the same bytes; a copy has its own. Copies are made too where a link cannot be. */
export type PublishMode = 'link' | 'copy';

/**
 * What stands under a name afterwards: ours, as a copy or a second name, or a file of other content that was there
 * before.
 */
export type Placed = { readonly is: 'ours'; readonly copy: boolean } | { readonly is: 'other' };

export interface Placement {
  readonly source: string;
  readonly name: string;
  readonly mode: PublishMode;
  /** SHA-256 that the content must have; undefined when none is recorded. */
  readonly sha256?: string;
}

export interface PublisherOptions {
  /** Mode of new folders. */
  readonly folderMode: number;
  /** Where copies are prepared: on the file system of the names, and in no folder that a consumer scans. */
  readonly temporary: string;
}

/**
 * Puts files under names that appear whole or not at all and are never overwritten. Doing so again is doing it once.
 * Names are durable after `sync` of their folder, so that a pair of names costs one fsync.
 */
export class Publisher {
  readonly #folders: DurableFolders;
  readonly #privateFolders = new DurableFolders(PRIVATE_FOLDER);
  readonly #temporary: string;

  constructor({ folderMode, temporary }: PublisherOptions) {
    this.#folders = new DurableFolders(folderMode);
    this.#temporary = temporary;
  }

  /**
   * @throws ArchiverError FILE_MISSING, FILE_UNREADABLE, DIGEST_MISMATCH, FOLDER_UNWRITABLE, DISK_FULL,
   * WRITE_FAILED, CONFIG_INVALID
   */
  async place(placement: Placement): Promise<Placed> {
    const { source, name, mode } = placement;
    await this.#folders.make(dirname(name));
    try {
      const standing = await this.#compare(placement);
      if (standing !== undefined) return standing;
      const linked = mode === 'link' ? await tryLink(source, name) : 'impossible';
      if (linked === 'impossible') return await this.#copy(placement);
      if (linked === 'done') return { is: 'ours', copy: false };
    } catch (error) {
      throw writeFailure(error, name);
    }
    // Another file got the name since it was looked for.
    return await this.place(placement);
  }

  /** Places a small text. */
  async placeText(text: string, name: string): Promise<Placed> {
    return await this.#withText(text, name, (source) => this.place({ source, name, mode: 'link' }));
  }

  /** Keeps a text that could not have its name, as setAside does. */
  async setTextAside(text: string, name: string): Promise<string> {
    return await this.#withText(text, name, (source) => this.setAside(source, name));
  }

  /**
   * Keeps a file that could not have its name as `<name>.<n>`; the same content is kept once.
   * @returns the path where it is
   */
  async setAside(source: string, name: string): Promise<string> {
    for (let n = 1; ; n++) {
      const aside = `${name}.${n}`;
      const placed = await this.place({ source, name: aside, mode: 'link' });
      if (placed.is === 'other') continue;
      await this.sync(aside);
      return aside;
    }
  }

  /** Makes the names in the folder of `name` durable. */
  async sync(name: string): Promise<void> {
    try {
      await syncFolder(dirname(name));
    } catch (error) {
      throw writeFailure(error, name);
    }
  }

  /** What stands under the name, by inode, else by digest; undefined when nothing does. */
  async #compare({ source, name, sha256 }: Placement): Promise<Placed | undefined> {
    const [ours, theirs] = await Promise.all([statOf(source), statOf(name)]);
    if (ours === undefined) throw new ArchiverError('FILE_MISSING', { path: source });
    if (theirs === undefined) return undefined;
    if (ours.dev === theirs.dev && ours.ino === theirs.ino) return { is: 'ours', copy: false };
    if (ours.size !== theirs.size) return { is: 'other' };
    const expected = sha256 ?? (await digestFile(source, ['sha256'])).sha256;
    const actual = (await digestFile(name, ['sha256'])).sha256;
    return actual === expected ? { is: 'ours', copy: true } : { is: 'other' };
  }

  /** The bytes are checked twice: as they are read, and as they can be read back. */
  async #copy(placement: Placement): Promise<Placed> {
    const { source, name } = placement;
    return await this.#withTemporary(name, async (path, file) => {
      const sha256 = await copyBytes(source, file);
      await file.chmod(FILE_MODE);
      await file.sync();
      if (placement.sha256 !== undefined) requireDigest(source, sha256, placement.sha256);
      requireDigest(path, (await digestFile(path, ['sha256'])).sha256, sha256);
      const linked = await tryLink(path, name);
      if (linked === 'done') return { is: 'ours', copy: true };
      if (linked === 'exists') return await this.place({ ...placement, sha256 });
      throw new ArchiverError('WRITE_FAILED', { path: name, reason: 'its file system cannot link' });
    });
  }

  async #withText<T>(text: string, name: string, use: (path: string) => Promise<T>): Promise<T> {
    return await this.#withTemporary(name, async (path, file) => {
      await writeAll(file, Buffer.from(text), 0);
      await file.chmod(FILE_MODE);
      await file.sync();
      return await use(path);
    });
  }

  /** Gives an open new file in the temporary folder, whose name there is gone afterwards. */
  async #withTemporary<T>(name: string, use: (path: string, file: FileHandle) => Promise<T>): Promise<T> {
    await this.#privateFolders.make(this.#temporary);
    await this.#folders.make(dirname(name));
    await requireSameFileSystem(this.#temporary, dirname(name));
    const path = join(this.#temporary, randomUUID());
    try {
      return await withNewFile(path, use);
    } catch (error) {
      throw writeFailure(error, path); // also of its removal: the next try finds the name that it got
    }
  }
}

async function withNewFile<T>(path: string, use: (path: string, file: FileHandle) => Promise<T>): Promise<T> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'wx', FILE_MODE);
    return await use(path, file);
  } finally {
    await file?.close();
    await rm(path, { force: true });
  }
}

/** Removes what a process that died left in a temporary folder. Only while no other uses it. */
export async function clearTemporary(folder: string): Promise<void> {
  const left = await readdir(folder).catch(() => []);
  await Promise.all(left.map((name) => rm(join(folder, name), { recursive: true, force: true })));
}

/**
 * 'impossible': another file system, no such right, too many names; 'exists': the name is taken, perhaps by the same
 * file.
 */
async function tryLink(source: string, name: string): Promise<'done' | 'exists' | 'impossible'> {
  try {
    await link(source, name);
    return 'done';
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return 'exists';
    if (hasCode(error, 'EXDEV', 'EPERM', 'EMLINK')) return 'impossible';
    throw error;
  }
}

/** Copies into an empty file. @returns SHA-256 of what was read */
async function copyBytes(source: string, to: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  let position = 0;
  const from = await open(source, 'r').catch((error) => {
    throw readFailure(error, source);
  });
  try {
    await forEachChunk(from, async (chunk) => {
      hash.update(chunk);
      await writeAll(to, chunk, position);
      position += chunk.length;
    });
  } finally {
    await from.close();
  }
  return hash.digest('hex');
}

/** A full disk makes the system write less than asked without an error; the rest of the chunk then raises it. */
async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    if (bytesWritten === 0) throw Object.assign(new Error('nothing could be written'), { code: 'ENOSPC' });
    done += bytesWritten;
  }
}

async function statOf(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function requireSameFileSystem(temporary: string, folder: string): Promise<void> {
  const [one, other] = await Promise.all([stat(temporary), stat(folder)]);
  if (one.dev === other.dev) return;
  const problem = `copies for it are prepared in ${temporary}, which is on another file system`;
  throw new ArchiverError('CONFIG_INVALID', { where: folder, problem });
}

function requireDigest(path: string, actual: string, expected: string): void {
  if (actual !== expected) throw new ArchiverError('DIGEST_MISMATCH', { path, actual, expected });
}
