import { closeSync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSyncInstance, SqliteModule, StatementSyncInstance } from '@photostructure/sqlite';
import { ArchiverError } from '../model/errors.js';
import { writeFailure } from '../model/write-failure.js';

export type Database = DatabaseSyncInstance;
export type Value = string | number | null;
export type Row = Record<string, Value>;

/**
 * `node:sqlite` where this Node has it, else the package with the same interface. Its warning that the module is
 * experimental is held back: this program pins what it uses with tests on every Node it supports.
 */
export async function loadSqlite(): Promise<SqliteModule> {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    return (await import('node:sqlite' as string)) as SqliteModule;
  } catch {
    return await import('@photostructure/sqlite');
  } finally {
    process.emitWarning = emitWarning;
  }
}

/**
 * Creates the file if it is new, so that its name survives a power cut before anything is promised about its
 * content.
 */
export function createDurably(path: string, mode: number): void {
  try {
    closeSync(openSync(path, 'wx', mode));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
    throw writeFailure(error, path);
  }
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/**
 * Runs work as one transaction, or as one part of the transaction under way: all of its statements take effect, or
 * none.
 */
export function inTransaction<T>(database: Database, work: () => T): T {
  const isPart = database.isTransaction;
  database.exec(isPart ? 'SAVEPOINT part' : 'BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec(isPart ? 'RELEASE part' : 'COMMIT');
    return result;
  } catch (error) {
    // On some errors (disk full, input or output) SQLite has ended the whole transaction by itself.
    if (database.isTransaction) database.exec(isPart ? 'ROLLBACK TO part; RELEASE part' : 'ROLLBACK');
    throw error;
  }
}

/** Statements of one connection, each compiled once. */
export class Statements {
  readonly #database: Database;
  readonly #compiled = new Map<string, StatementSyncInstance>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** @returns how many rows the statement changed */
  run(sql: string, ...values: readonly Value[]): number {
    return Number(this.#statement(sql).run(...values).changes);
  }

  get(sql: string, ...values: readonly Value[]): Row | undefined {
    return this.#statement(sql).get(...values) as Row | undefined;
  }

  all(sql: string, ...values: readonly Value[]): Row[] {
    return this.#statement(sql).all(...values) as Row[];
  }

  #statement(sql: string): StatementSyncInstance {
    let statement = this.#compiled.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#compiled.set(sql, statement);
    }
    return statement;
  }
}

/** Primary result codes of SQLite (https://sqlite.org/rescode.html) that have a row of their own in the error table. */
const BUSY = 5;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;

/** Whether another connection holds the lock that the statement needs. */
export function isBusy(error: unknown): boolean {
  return primaryCode(error) === BUSY;
}

/** The error table's row for what SQLite threw; anything else is returned as it is. */
export function sqliteError(error: unknown, path: string): unknown {
  const options = { cause: error };
  switch (primaryCode(error)) {
    case BUSY:
      return new ArchiverError('LEDGER_INVALID', { path, problem: 'another program holds it open' }, options);
    case FULL:
      return new ArchiverError('DISK_FULL', { path: dirname(path) }, options);
    case READONLY:
    case CANTOPEN:
      return new ArchiverError('FOLDER_UNWRITABLE', { path: dirname(path), reason: reasonOf(error) }, options);
    case IOERR:
      return new ArchiverError('WRITE_FAILED', { path, reason: reasonOf(error) }, options);
    case CORRUPT:
    case NOTADB:
      return new ArchiverError('LEDGER_INVALID', { path, problem: reasonOf(error) }, options);
    default:
      return error;
  }
}

/** The low byte of an extended result code; undefined when the error is not SQLite's. */
function primaryCode(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  return typeof code === 'number' ? code & 0xff : undefined;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
