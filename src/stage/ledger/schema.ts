import { ArchiverError } from '../../model/errors.js';
import { createDurably, type Database, inTransaction, loadSqlite, sqliteError } from '../sqlite.js';

/** Marks a file as a ledger of this program: "CCAR" as a number. */
const APPLICATION_ID = 0x43434152;

/** A new ledger is locked for a moment; whoever looks at it then, a backup say, must not keep the archiver from starting. */
const BUSY_MS = 2000;

/** Ledger files are for the archiver and its group: other readers ask the coordinator. */
const FILE_MODE = 0o640;

/**
 * How version n of the schema is made from version n-1, in order. `user_version` of the file says how many of them
 * it has. Published steps are never changed; a new need is a new step.
 */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE image (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     obsid TEXT NOT NULL UNIQUE,
     tag TEXT NOT NULL,
     camera TEXT NOT NULL,
     instrument TEXT NOT NULL,
     created_at TEXT NOT NULL,
     state TEXT NOT NULL CHECK (state IN ('open', 'complete', 'incomplete', 'failed'))
   ) STRICT;
   CREATE INDEX image_open ON image (id) WHERE state = 'open';

   CREATE TABLE expected (
     image INTEGER NOT NULL REFERENCES image (id),
     raft TEXT NOT NULL,
     sensor TEXT NOT NULL,
     product TEXT NOT NULL CHECK (product IN ('raw', 'corrected')),
     PRIMARY KEY (image, raft, sensor, product)
   ) STRICT, WITHOUT ROWID;

   CREATE TABLE file (
     id INTEGER PRIMARY KEY,
     image INTEGER NOT NULL REFERENCES image (id),
     raft TEXT NOT NULL,
     sensor TEXT NOT NULL,
     product TEXT NOT NULL CHECK (product IN ('raw', 'corrected')),
     version INTEGER NOT NULL CHECK (version >= 1),
     state TEXT NOT NULL CHECK (state IN ('failed', 'written', 'sealed')),
     record TEXT NOT NULL,
     sha256 TEXT,
     md5 TEXT,
     UNIQUE (image, raft, sensor, product, version),
     CHECK (state <> 'sealed' OR (sha256 IS NOT NULL AND md5 IS NOT NULL))
   ) STRICT;
   CREATE INDEX file_unsealed ON file (id) WHERE state = 'written';

   CREATE TABLE delivery (
     file INTEGER NOT NULL REFERENCES file (id),
     target TEXT NOT NULL,
     state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'conflict', 'failed')),
     uri TEXT,
     error TEXT,
     PRIMARY KEY (file, target)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX delivery_pending ON delivery (file) WHERE state = 'pending';

   CREATE TABLE failure (
     image INTEGER NOT NULL REFERENCES image (id),
     raft TEXT NOT NULL,
     sensor TEXT NOT NULL,
     product TEXT NOT NULL CHECK (product IN ('raw', 'corrected')),
     error TEXT NOT NULL,
     PRIMARY KEY (image, raft, sensor, product)
   ) STRICT, WITHOUT ROWID;

   CREATE TABLE event (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     id TEXT NOT NULL UNIQUE,
     body TEXT NOT NULL,
     published INTEGER NOT NULL DEFAULT 0
   ) STRICT;
   CREATE INDEX event_unpublished ON event (seq) WHERE published = 0;

   CREATE TABLE job (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     id TEXT NOT NULL UNIQUE,
     body TEXT NOT NULL,
     state TEXT NOT NULL CHECK (state IN ('waiting', 'active', 'failed')),
     attempt INTEGER NOT NULL DEFAULT 0,
     lease INTEGER NOT NULL DEFAULT 0,
     due REAL NOT NULL DEFAULT 0,
     error TEXT
   ) STRICT;
   CREATE INDEX job_state ON job (state);`,

  `CREATE TABLE metadata (
     image INTEGER PRIMARY KEY REFERENCES image (id),
     body TEXT NOT NULL
   ) STRICT;`,

  `CREATE TABLE versioned (
     image INTEGER NOT NULL REFERENCES image (id),
     version INTEGER NOT NULL CHECK (version >= 1),
     body TEXT NOT NULL,
     PRIMARY KEY (image, version)
   ) STRICT;
   INSERT INTO versioned SELECT image, 1, body FROM metadata;
   DROP TABLE metadata;
   ALTER TABLE versioned RENAME TO metadata;
   CREATE INDEX file_headerless ON file (image)
     WHERE product = 'raw' AND state <> 'failed' AND json_extract(record, '$.header') = 'MISSING';`,

  'ALTER TABLE file ADD COLUMN sidecar_sha256 TEXT;',

  `CREATE TABLE reader (
     name TEXT PRIMARY KEY,
     seq INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   INSERT INTO reader SELECT 'bus',
     coalesce((SELECT min(seq) - 1 FROM event WHERE published = 0), (SELECT max(seq) FROM event), 0);
   DROP INDEX event_unpublished;
   ALTER TABLE event DROP COLUMN published;`,
];

/**
 * Opens or makes the ledger, brought to the newest schema. WAL with synchronous=FULL: a committed transaction
 * survives a power cut.
 * @throws ArchiverError LEDGER_INVALID (foreign, damaged or newer file), FOLDER_UNWRITABLE, DISK_FULL, WRITE_FAILED
 */
export async function openLedgerDatabase(path: string, migrations = MIGRATIONS): Promise<Database> {
  const { DatabaseSync } = await loadSqlite();
  createDurably(path, FILE_MODE);
  let database: Database | undefined;
  try {
    database = new DatabaseSync(path);
    database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
    checkOwner(database, path, migrations.length);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
    migrate(database, migrations);
    return database;
  } catch (error) {
    database?.close();
    throw sqliteError(error, path);
  }
}

function checkOwner(database: Database, path: string, newest: number): void {
  const owner = pragma(database, 'application_id');
  const version = pragma(database, 'user_version');
  const isNew = owner === 0 && version === 0 && database.prepare('SELECT 1 FROM sqlite_schema').get() === undefined;
  if (!isNew && owner !== APPLICATION_ID) {
    throw new ArchiverError('LEDGER_INVALID', { path, problem: 'it is a database of another program' });
  }
  if (version > newest) {
    const problem = `its schema ${version} is newer than ${newest}, the newest this program knows`;
    throw new ArchiverError('LEDGER_INVALID', { path, problem });
  }
}

function migrate(database: Database, migrations: readonly string[]): void {
  for (const [index, step] of migrations.entries()) {
    if (pragma(database, 'user_version') > index) continue;
    inTransaction(database, () => {
      database.exec(step);
      database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${index + 1}`);
    });
  }
}

function pragma(database: Database, name: string): number {
  const row = database.prepare(`PRAGMA ${name}`).get() as Record<string, number>;
  return row[name] ?? 0;
}
