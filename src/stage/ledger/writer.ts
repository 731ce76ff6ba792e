import type { ErrorData } from '../../model/errors.js';
import type { CcdId, FileId, Product } from '../../model/ids.js';
import type { CcdFailure, DeliveryRow, ImageStart, ImageState, Seal } from '../port.js';
import type { Row, Statements, Value } from '../sqlite.js';
import type { Missing } from './events.js';
import { describeError } from './events.js';
import { HEADERLESS, type StoredRecord } from './reader.js';

/** The image that a transaction is about. */
export interface KnownImage {
  readonly id: number;
  readonly obsid: string;
  readonly tag: string;
  readonly camera: string;
  readonly instrument: string;
  readonly state: ImageState;
}

/** One CCD's product in any version. */
type Slot = Omit<CcdId, 'obsid'> & { readonly product: Product };

/** How an image stands by its files. */
export interface Closing {
  readonly state: Exclude<ImageState, 'open'>;
  readonly missing: readonly Missing[];
}

const IN_SLOT = 'image = ? AND raft = ? AND sensor = ? AND product = ?';
const THIS_FILE = `${IN_SLOT} AND version = ?`;

/** Writes single rows of the ledger; which ones, and in which transaction, is the store's business. */
export class LedgerWriter {
  readonly #statements: Statements;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  knownImage(obsid: string): KnownImage | undefined {
    const row = this.#statements.get('SELECT * FROM image WHERE obsid = ?', obsid);
    return row as unknown as KnownImage | undefined;
  }

  insertImage({ obsid, tag, camera, instrument, createdAt }: ImageStart): void {
    this.#statements.run(
      `INSERT INTO image (obsid, tag, camera, instrument, created_at, state) VALUES (?, ?, ?, ?, ?, 'open')`,
      ...[obsid, tag, camera, instrument, createdAt],
    );
  }

  /** What was expected before is forgotten: the last beginning knows best which sources and products there are. */
  storeExpected(image: KnownImage, expected: ImageStart['expected']): void {
    this.#statements.run('DELETE FROM expected WHERE image = ?', image.id);
    for (const slot of expected) {
      this.#statements.run(
        'INSERT INTO expected VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
        ...slotValues(image, slot),
      );
    }
  }

  storeFile(image: KnownImage, file: FileId, record: StoredRecord): void {
    this.#statements.run(
      `INSERT INTO file (image, raft, sensor, product, version, state, record) VALUES (?, ?, ?, ?, ?, 'written', ?)
       ON CONFLICT DO UPDATE SET state = 'written', record = excluded.record, sha256 = NULL, md5 = NULL, sidecar_sha256 = NULL`,
      ...fileValues(image, file),
      JSON.stringify(record),
    );
    this.#forgetFailure(image, file);
  }

  storeSeal(image: KnownImage, file: FileId, { sha256, md5, sidecarSha256 }: Seal): void {
    const sql = `UPDATE file SET state = 'sealed', sha256 = ?, md5 = ?, sidecar_sha256 = ? WHERE ${THIS_FILE}`;
    this.#statements.run(sql, sha256, md5, sidecarSha256 ?? null, ...fileValues(image, file));
    this.#forgetFailure(image, file);
  }

  storeFailedFile(image: KnownImage, file: FileId, error: ErrorData): void {
    this.#statements.run(`UPDATE file SET state = 'failed' WHERE ${THIS_FILE}`, ...fileValues(image, file));
    this.storeFailure(image, { ...file, error });
  }

  storeFailure(image: KnownImage, { error, ...slot }: CcdFailure): void {
    this.#statements.run(
      `INSERT INTO failure VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET error = excluded.error`,
      ...slotValues(image, slot),
      JSON.stringify(error),
    );
  }

  /** Leaves a delivery that is known already as it is. */
  expectDelivery(image: KnownImage, file: FileId, target: string): void {
    this.#statements.run(
      `INSERT INTO delivery (file, target, state) SELECT id, ?, 'pending' FROM file WHERE ${THIS_FILE}
       ON CONFLICT DO NOTHING`,
      ...[target, ...fileValues(image, file)],
    );
  }

  storeDelivery(image: KnownImage, file: FileId, { target, state, uri, error }: DeliveryRow): void {
    this.#statements.run(
      `UPDATE delivery SET state = ?, uri = ?, error = ?
       WHERE target = ? AND file = (SELECT id FROM file WHERE ${THIS_FILE})`,
      ...[state, uri, error === null ? null : JSON.stringify(error), target],
      ...fileValues(image, file),
    );
  }

  /** Leaves metadata that are stored already as they are. */
  storeMetadata(image: KnownImage, version: number, json: string): void {
    this.#statements.run('INSERT INTO metadata VALUES (?, ?, ?) ON CONFLICT DO NOTHING', image.id, version, json);
  }

  /**
   * Of complete images that were begun so many images before this one. Leaves them while a late header package may make a new version of a file.
   */
  forgetMetadata(image: KnownImage, kept: number): void {
    const sql = `DELETE FROM metadata WHERE image <= ? AND image IN (SELECT id FROM image WHERE state = 'complete')
      AND NOT EXISTS (SELECT 1 FROM file ${HEADERLESS} AND file.image = metadata.image)`;
    this.#statements.run(sql, image.id - kept);
  }

  storeState(image: KnownImage, state: ImageState): void {
    this.#statements.run('UPDATE image SET state = ? WHERE id = ?', state, image.id);
  }

  /** Whether a good file of this CCD and product is there, in any version. */
  hasFile(image: KnownImage, slot: Slot): boolean {
    const sql = `SELECT 1 FROM file WHERE ${IN_SLOT} AND state <> 'failed'`;
    return this.#statements.get(sql, ...slotValues(image, slot)) !== undefined;
  }

  /** Complete when every expected file is there, failed when none is (also when none was expected), else incomplete. */
  closing(image: KnownImage): Closing {
    const rows = this.#statements.all(
      `SELECT raft, sensor, product, failure.error FROM expected
       LEFT JOIN failure USING (image, raft, sensor, product) WHERE expected.image = ? ORDER BY raft, sensor, product`,
      image.id,
    );
    const missing = rows.filter((row) => !this.hasFile(image, row as unknown as Slot)).map(missingOf);
    if (missing.length === rows.length) return { state: 'failed', missing };
    return { state: missing.length === 0 ? 'complete' : 'incomplete', missing };
  }

  #forgetFailure(image: KnownImage, slot: Slot): void {
    this.#statements.run(`DELETE FROM failure WHERE ${IN_SLOT}`, ...slotValues(image, slot));
  }
}

function slotValues(image: KnownImage, { raft, sensor, product }: Slot): Value[] {
  return [image.id, raft, sensor, product];
}

function fileValues(image: KnownImage, file: FileId): Value[] {
  return [...slotValues(image, file), file.version];
}

function missingOf(row: Row): Missing {
  const error = row.error === null ? null : (JSON.parse(String(row.error)) as ErrorData);
  return {
    raft: String(row.raft),
    sensor: String(row.sensor),
    product: String(row.product),
    reason: error === null ? 'no result was recorded' : describeError(error),
  };
}
