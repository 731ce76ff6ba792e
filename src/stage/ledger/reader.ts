import { ERRORS, type ErrorData } from '../../model/errors.js';
import type { FileId, Product } from '../../model/ids.js';
import type {
  CcdFailure,
  DeliveryRow,
  FileRow,
  FileState,
  ImageEntry,
  ImageRow,
  ImageState,
  Job,
  Seal,
  WrittenRecord,
} from '../port.js';
import type { Row, Statements } from '../sqlite.js';

/** The part of a written record that is stored as one JSON text; the rest are columns and rows of their own. */
export type StoredRecord = Omit<WrittenRecord, 'file' | 'targets'>;

/** What a file's row is read from, up to the condition. */
const FROM_FILE = `file.id, image.obsid, image.instrument, file.raft, file.sensor, file.product, file.version,
  file.state, file.record, file.sha256, file.md5, file.sidecar_sha256 FROM file JOIN image ON image.id = file.image`;

const BY_ID = 'image.obsid = ? AND file.raft = ? AND file.sensor = ? AND file.product = ? AND file.version = ?';

const BEFORE = 'SELECT * FROM image WHERE id < (SELECT id FROM image WHERE obsid = ?)';

/** Condition of raw files whose newest version was written without a header package. The first line is that of the index `file_headerless`. */
export const HEADERLESS = `WHERE product = 'raw' AND state <> 'failed' AND json_extract(record, '$.header') = 'MISSING'
  AND NOT EXISTS (SELECT 1 FROM file AS newer WHERE newer.image = file.image AND newer.raft = file.raft
    AND newer.sensor = file.sensor AND newer.product = 'raw' AND newer.version > file.version AND newer.state <> 'failed')`;

/** Reads the ledger's tables as the rows of the port. */
export class LedgerReader {
  readonly #statements: Statements;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  image(obsid: string): ImageRow | undefined {
    const row = this.#statements.get('SELECT * FROM image WHERE obsid = ?', obsid);
    return row === undefined ? undefined : this.#imageRow(row);
  }

  /** By the order in which they were begun, not by time: the clock may have been set back since. */
  images(limit: number, before?: string): ImageRow[] {
    const rows =
      before === undefined
        ? this.#statements.all('SELECT * FROM image ORDER BY id DESC LIMIT ?', limit)
        : this.#statements.all(`${BEFORE} ORDER BY id DESC LIMIT ?`, before, limit);
    return rows.map((row) => this.#imageRow(row));
  }

  file(file: FileId): FileRow | undefined {
    const { obsid, raft, sensor, product, version } = file;
    const row = this.#statements.get(`SELECT ${FROM_FILE} WHERE ${BY_ID}`, obsid, raft, sensor, product, version);
    if (row === undefined) return undefined;
    const deliveries = this.#statements.all('SELECT * FROM delivery WHERE file = ? ORDER BY target', Number(row.id));
    return fileRow(row, deliveries.map(deliveryRow));
  }

  entry(obsid: string): ImageEntry | undefined {
    const row = this.#statements.get('SELECT * FROM image WHERE obsid = ?', obsid);
    return row === undefined ? undefined : this.#entry(row);
  }

  metadata(obsid: string, version: number): string | undefined {
    const sql = 'SELECT body FROM metadata JOIN image ON image.id = metadata.image WHERE obsid = ? AND version = ?';
    return this.#statements.get(sql, obsid, version)?.body as string | undefined;
  }

  headerless(most: number): string[] {
    const sql = `SELECT obsid FROM image WHERE state <> 'open' AND id IN (SELECT image FROM file ${HEADERLESS})
      ORDER BY id DESC LIMIT ?`;
    return this.#statements.all(sql, most).map((row) => String(row.obsid));
  }

  openImages(): ImageEntry[] {
    return this.#statements.all(`SELECT * FROM image WHERE state = 'open' ORDER BY id`).map((row) => this.#entry(row));
  }

  openJobs(): Job[] {
    const seals = this.#statements
      .all(`SELECT ${FROM_FILE} WHERE file.state = 'written' ORDER BY file.id`)
      .map((row): Job => ({ kind: 'seal', file: fileId(row) }));
    const deliveries = this.#statements
      .all(
        `SELECT delivery.target, delivery.error, ${FROM_FILE} JOIN delivery ON delivery.file = file.id
         WHERE file.state = 'sealed' AND delivery.state IN ('pending', 'failed') ORDER BY file.id, delivery.target`,
      )
      .filter(({ error }) => error === null || isRetryable(String(error)))
      .map((row): Job => ({ kind: 'deliver', file: fileId(row), target: String(row.target) }));
    return [...seals, ...deliveries];
  }

  #entry(image: Row): ImageEntry {
    const written = this.#statements
      .all(`SELECT ${FROM_FILE} WHERE file.image = ? AND file.state <> 'failed' ORDER BY file.id`, Number(image.id))
      .map(fileId);
    return {
      obsid: String(image.obsid),
      createdAt: String(image.created_at),
      state: image.state as ImageState,
      written,
    };
  }

  /** Deliveries of an image by the number of their file. */
  #deliveriesOf(image: number): Map<number, DeliveryRow[]> {
    const byFile = new Map<number, DeliveryRow[]>();
    const rows = this.#statements.all(
      `SELECT delivery.* FROM delivery JOIN file ON file.id = delivery.file
       WHERE file.image = ? ORDER BY delivery.target`,
      image,
    );
    for (const row of rows) {
      const file = Number(row.file);
      byFile.set(file, [...(byFile.get(file) ?? []), deliveryRow(row)]);
    }
    return byFile;
  }

  #imageRow(image: Row): ImageRow {
    const id = Number(image.id);
    const deliveries = this.#deliveriesOf(id);
    const files = this.#statements
      .all(`SELECT ${FROM_FILE} WHERE file.image = ? ORDER BY file.raft, file.sensor, file.product, file.version`, id)
      .map((row) => fileRow(row, deliveries.get(Number(row.id)) ?? []));
    const failures = this.#statements
      .all('SELECT * FROM failure WHERE image = ? ORDER BY raft, sensor, product', id)
      .map((row) => failureRow(String(image.obsid), row));
    return {
      obsid: String(image.obsid),
      tag: String(image.tag),
      camera: String(image.camera),
      instrument: String(image.instrument),
      createdAt: String(image.created_at),
      state: image.state as ImageState,
      files,
      failures,
    };
  }
}

function fileId(row: Row): FileId {
  return {
    obsid: String(row.obsid),
    raft: String(row.raft),
    sensor: String(row.sensor),
    product: row.product as Product,
    version: Number(row.version),
  };
}

function fileRow(row: Row, deliveries: readonly DeliveryRow[]): FileRow {
  const record = JSON.parse(String(row.record)) as StoredRecord;
  return {
    ...record,
    file: fileId(row),
    instrument: String(row.instrument),
    state: row.state as FileState,
    seal: sealOf(row),
    targets: deliveries.map((delivery) => delivery.target),
    deliveries,
  };
}

function sealOf(row: Row): Seal | null {
  if (row.state !== 'sealed') return null;
  const sidecar = row.sidecar_sha256 === null ? {} : { sidecarSha256: String(row.sidecar_sha256) };
  return { sha256: String(row.sha256), md5: String(row.md5), ...sidecar };
}

/** A delivery that a run gave up may succeed in the next one. */
function isRetryable(error: string): boolean {
  return ERRORS[(JSON.parse(error) as ErrorData).code].retry !== null;
}

function deliveryRow(row: Row): DeliveryRow {
  return {
    target: String(row.target),
    state: row.state as DeliveryRow['state'],
    uri: row.uri === null ? null : String(row.uri),
    error: row.error === null ? null : (JSON.parse(String(row.error)) as ErrorData),
  };
}

function failureRow(obsid: string, row: Row): CcdFailure {
  return {
    obsid,
    raft: String(row.raft),
    sensor: String(row.sensor),
    product: row.product as Product,
    error: JSON.parse(String(row.error)) as ErrorData,
  };
}
