import { ArchiverError, type ErrorData } from '../../model/errors.js';
import { type FileId, fileKey } from '../../model/ids.js';
import type {
  CcdFailure,
  DeliveryRow,
  FileRow,
  ImageEntry,
  ImageRow,
  ImageStart,
  Seal,
  WrittenRecord,
} from '../port.js';
import { type Database, inTransaction, Statements } from '../sqlite.js';
import { EventTable } from './event-log.js';
import { Outbox } from './events.js';
import { LedgerReader } from './reader.js';
import { DELIVERY_STEPS, FILE_STEPS, type FileCall } from './states.js';
import { type KnownImage, LedgerWriter } from './writer.js';

/** 160 kB each for ComCam, 3.5 MB for LSSTCam. */
const METADATA_KEPT = 500;

export interface LedgerStoreOptions {
  readonly archiverName: string;
  readonly metadataKept?: number | undefined;
}

/**
 * The ledger's transitions on its database, each one transaction together with its events. Runs in the ledger thread
 * and has no clock: callers pass the TAI time of the events.
 */
export class LedgerStore {
  readonly #database: Database;
  readonly #writer: LedgerWriter;
  readonly reader: LedgerReader;
  readonly outbox: Outbox;
  readonly events: EventTable;

  readonly #metadataKept: number;

  constructor(database: Database, { archiverName, metadataKept = METADATA_KEPT }: LedgerStoreOptions) {
    this.#metadataKept = metadataKept;
    const statements = new Statements(database);
    this.#database = database;
    this.#writer = new LedgerWriter(statements);
    this.reader = new LedgerReader(statements);
    this.outbox = new Outbox(statements, archiverName);
    this.events = new EventTable(statements);
  }

  beginImage(start: ImageStart): ImageEntry {
    return inTransaction(this.#database, () => {
      const known = this.#writer.knownImage(start.obsid);
      if (known === undefined) this.#writer.insertImage(start);
      else requireSameImage(known, start);
      this.#writer.storeExpected(this.#image(start.obsid), start.expected);
      return this.reader.entry(start.obsid) as ImageEntry;
    });
  }

  recordWritten({ file, targets, ...stored }: WrittenRecord, tai: string): void {
    this.#change(file.obsid, (image) => {
      const known = this.reader.file(file);
      if (fileStep('recordWritten', file, known) === 'written') {
        this.#writer.storeFile(image, file, stored);
        if (file.product === 'raw') this.outbox.retrieval(image, file, fileKey(file), null, tai);
      } else {
        requireSameBytes(stored, known as FileRow);
      }
      for (const target of targets) this.#writer.expectDelivery(image, file, target);
    });
  }

  /** A failure of a try that others have overtaken means nothing. */
  recordFailure(failure: CcdFailure, tai: string): void {
    const { obsid, raft, sensor, product, error } = failure;
    this.#change(obsid, (image) => {
      if (this.#writer.hasFile(image, failure)) return;
      this.#writer.storeFailure(image, failure);
      const key = `${obsid}/${raft}_${sensor}/${product}`;
      if (product === 'raw') this.outbox.retrieval(image, failure, key, error, tai);
    });
  }

  recordSeal(file: FileId, outcome: Seal | ErrorData, tai: string): void {
    this.#change(file.obsid, (image) => {
      const known = this.reader.file(file);
      const isSeal = 'sha256' in outcome;
      const step = fileStep(isSeal ? 'recordSeal' : 'recordSeal (error)', file, known);
      if (step === 'same') {
        if (isSeal) requireSameSeal(outcome, known as FileRow);
        return;
      }
      if (isSeal) this.#writer.storeSeal(image, file, outcome);
      else this.#failFile(image, file, outcome, tai);
      if (image.state !== 'open') this.#close(image, tai);
    });
  }

  recordDelivery(file: FileId, delivery: DeliveryRow, tai: string): void {
    this.#change(file.obsid, (image) => {
      const known = this.reader.file(file);
      if (known === undefined || known.seal === null) {
        throw defect(`delivery of ${fileKey(file)} to ${delivery.target} was recorded before the file was sealed`);
      }
      if (deliveryStep(known, delivery) === 'same') return;
      this.#writer.storeDelivery(image, file, delivery);
      this.outbox.delivery(image, known, known.seal, delivery, tai);
    });
  }

  closeImage(obsid: string, tai: string): ImageRow {
    this.#change(obsid, (image) => this.#close(image, tai));
    return this.reader.image(obsid) as ImageRow;
  }

  fixMetadata(obsid: string, version: number, json: string): string {
    this.#change(obsid, (image) => this.#writer.storeMetadata(image, version, json));
    return this.reader.metadata(obsid, version) as string;
  }

  #change(obsid: string, work: (image: KnownImage) => void): void {
    inTransaction(this.#database, () => work(this.#image(obsid)));
  }

  #image(obsid: string): KnownImage {
    const image = this.#writer.knownImage(obsid);
    if (image === undefined) throw defect(`image ${obsid} was not begun in this ledger`);
    return image;
  }

  #failFile(image: KnownImage, file: FileId, error: ErrorData, tai: string): void {
    this.#writer.storeFailedFile(image, file, error);
    if (file.product === 'raw') this.outbox.retrieval(image, file, fileKey(file), error, tai);
  }

  #close(image: KnownImage, tai: string): void {
    const closing = this.#writer.closing(image);
    this.#writer.storeState(image, closing.state);
    if (closing.state === 'complete') this.#writer.forgetMetadata(image, this.#metadataKept);
    else this.outbox.incomplete(image, closing.missing, tai);
  }
}

function fileStep(call: FileCall, file: FileId, known: FileRow | undefined) {
  const step = FILE_STEPS[call][known?.state ?? 'none'];
  if (step === 'refused') throw defect(`seal of ${fileKey(file)} was recorded before the file was`);
  return step;
}

function deliveryStep(known: FileRow, { target, state }: DeliveryRow) {
  const what = `delivery of ${fileKey(known.file)} to ${target}`;
  if (state === 'pending') throw defect(`${what} was recorded as pending, which is no outcome`);
  const from = known.deliveries.find((row) => row.target === target)?.state ?? 'none';
  const step = DELIVERY_STEPS[state][from];
  if (step === 'refused') throw defect(`${what} was recorded, but the file does not go there`);
  return step;
}

/** A name that comes again must be the same image, else its files would be taken for the other's. */
function requireSameImage(known: KnownImage, start: ImageStart): void {
  const text = (image: Pick<ImageStart, 'camera' | 'instrument' | 'tag'>): string =>
    `${image.camera} ${image.instrument} ${image.tag}`;
  if (text(known) === text(start)) return;
  throw new ArchiverError('IMAGE_NAME_REUSED', { name: start.obsid, known: text(known), other: text(start) });
}

/** The same file written again has the same bytes: createdAt and metadata are stored before the first write. */
function requireSameBytes(stored: Pick<WrittenRecord, 'path' | 'bytes' | 'dataSums'>, known: FileRow): void {
  const text = (record: typeof stored): string => `${record.path}, ${record.bytes} bytes, data sums ${record.dataSums}`;
  if (text(stored) === text(known)) return;
  throw defect(`${fileKey(known.file)} is recorded as ${text(known)} and was written again as ${text(stored)}`);
}

function requireSameSeal(seal: Seal, known: FileRow): void {
  if (known.seal === null || known.seal.sha256 === seal.sha256) return;
  const { path, seal: recorded } = known;
  throw new ArchiverError('DIGEST_MISMATCH', { path, actual: seal.sha256, expected: recorded.sha256 });
}

function defect(problem: string): ArchiverError {
  return new ArchiverError('INTERNAL', { problem });
}
