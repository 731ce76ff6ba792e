import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ArchiverError } from '../model/errors.js';
import { writeFailure } from '../model/write-failure.js';
import { createDurably, type Database, isBusy, loadSqlite, sqliteError } from './sqlite.js';

/** Anyone may read whose process it is. */
const LOCK_MODE = 0o644;

/**
 * One process owns a data root while it holds this; the operating system releases it when the process ends, however
 * it ends.
 */
export interface RootLock {
  release(): void;
}

/**
 * Locks a data root, which is made if it does not exist. The lock is an open write transaction on the SQLite file
 * `lock` in it, whose `user_version` tells everyone else the process id.
 * @throws ArchiverError ROOT_LOCKED, FOLDER_UNWRITABLE, DISK_FULL
 */
export async function lockRoot(root: string): Promise<RootLock> {
  const { DatabaseSync } = await loadSqlite();
  const path = join(root, 'lock');
  await makeFolder(root);
  createDurably(path, LOCK_MODE);
  let database: Database | undefined;
  try {
    database = new DatabaseSync(path);
    hold(database, root);
  } catch (error) {
    database?.close();
    throw sqliteError(error, path);
  }
  const held = database;
  return { release: () => held.close() };
}

/** The process id must be committed to be seen, so the transaction that stays open is the second one. */
function hold(database: Database, root: string): void {
  try {
    database.exec(`BEGIN IMMEDIATE; PRAGMA user_version = ${process.pid}; COMMIT; BEGIN IMMEDIATE`);
  } catch (error) {
    if (!isBusy(error)) throw error;
    const row = database.prepare('PRAGMA user_version').get() as { user_version: number };
    throw new ArchiverError('ROOT_LOCKED', { root, pid: row.user_version }, { cause: error });
  }
}

async function makeFolder(root: string): Promise<void> {
  try {
    await makeLevels(root);
  } catch (error) {
    throw writeFailure(error, join(root, 'lock'));
  }
}

/** Level by level: mkdir's own recursion never ends where a file system answers every new name with ENOENT, as /proc does. */
async function makeLevels(path: string): Promise<void> {
  const parent = dirname(path);
  if (parent !== path && !existsSync(parent)) await makeLevels(parent);
  await mkdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}
