import type { ArchiverEvent } from '../events/port.js';
import type { ErrorData } from '../model/errors.js';
import type { IgnoredRecord } from '../model/header-package.js';
import type { CcdId, FileId, Product } from '../model/ids.js';

/** One piece of staging work. Its id is derived from its content (`jobId`), so adding it twice is adding it once. */
export type Job =
  | { readonly kind: 'seal'; readonly file: FileId }
  | { readonly kind: 'deliver'; readonly file: FileId; readonly target: string };

export interface Claim {
  readonly job: Job;
  readonly id: string;
  /** 1 on the first try. */
  readonly attempt: number;
  /** Fencing token of this lease; complete and fail of an older lease are ignored. */
  readonly lease: number;
}

/**
 * Distributes staging work. It is a bell, not the truth: it may lose, repeat or delay a job, the ledger puts that
 * right.
 */
export interface StageQueue {
  /** Jobs that are there already, in any state but done, are left as they are. */
  add(jobs: readonly Job[]): Promise<void>;
  /** Up to `most` due jobs, oldest first, leased for leaseMs. Empty when none is due. */
  claim(most: number, leaseMs: number): Promise<Claim[]>;
  complete(claim: Claim): Promise<void>;
  /** Puts a job back, due after delayMs, or sets it aside as failed when delayMs is undefined. */
  fail(claim: Claim, error: ErrorData, delayMs?: number): Promise<void>;
  counts(): Promise<{ readonly waiting: number; readonly active: number; readonly failed: number }>;
  close(): Promise<void>;
}

/** An image as it is first seen. */
export interface ImageStart {
  readonly obsid: string;
  readonly tag: string;
  readonly camera: string;
  readonly instrument: string;
  /** Files that a complete image has (version 1). */
  readonly expected: readonly { readonly raft: string; readonly sensor: string; readonly product: Product }[];
  /** TAI ISO time to store as createdAt if the image is new. */
  readonly createdAt: string;
}

export interface ImageEntry {
  readonly obsid: string;
  /** The stored one: the same in every retry, so that every byte is the same. */
  readonly createdAt: string;
  /** Files that are durable already; they need not be written again. */
  readonly written: readonly FileId[];
  readonly state: ImageState;
}

export type ImageState = 'open' | 'complete' | 'incomplete' | 'failed';

/** A file that is durable and verified inline. Paths are relative to the data root. */
export interface WrittenRecord {
  readonly file: FileId;
  readonly path: string;
  readonly sidecarPath: string;
  readonly bytes: number;
  readonly dataSums: readonly number[];
  readonly sourceCrc32: number;
  readonly header: 'COMPLETE' | 'PARTIAL' | 'MISSING';
  /** Keywords left out of the header because they had no value. */
  readonly omitted: readonly string[];
  /** Records of the header package that were not used, and why. */
  readonly ignored: readonly IgnoredRecord[];
  /** GROUPID and 0-based snap, for prompt processing; null when not known. */
  readonly groupId: string | null;
  readonly snap: number | null;
  /** Targets that the file goes to. */
  readonly targets: readonly string[];
}

export interface Seal {
  readonly sha256: string;
  readonly md5: string;
  /** SHA-256 of the sidecar; absent in the ledgers of older programs. */
  readonly sidecarSha256?: string;
}

export type FileState = 'failed' | 'written' | 'sealed';

export interface FileRow extends WrittenRecord {
  /** First folder of the file's path below any staging root, from camera data. */
  readonly instrument: string;
  readonly state: FileState;
  readonly seal: Seal | null;
  readonly deliveries: readonly DeliveryRow[];
}

export interface DeliveryRow {
  readonly target: string;
  readonly state: 'pending' | 'delivered' | 'conflict' | 'failed';
  /** file: or s3: URI once delivered. */
  readonly uri: string | null;
  readonly error: ErrorData | null;
}

export interface CcdFailure extends CcdId {
  readonly product: Product;
  readonly error: ErrorData;
}

export interface ImageRow {
  readonly obsid: string;
  readonly tag: string;
  readonly camera: string;
  readonly instrument: string;
  readonly createdAt: string;
  readonly state: ImageState;
  readonly files: readonly FileRow[];
  readonly failures: readonly CcdFailure[];
}

/**
 * The truth about every image, CCD, product, version and target. Every transition is one transaction together with
 * the events it causes; when a call has resolved, its effect survives a power cut. Repeating a call changes nothing.
 */
export interface Ledger {
  beginImage(image: ImageStart): Promise<ImageEntry>;
  /** written; adds its deliveries as pending and the imageRetrievalForArchiving event (statusCode 0). */
  recordWritten(record: WrittenRecord): Promise<void>;
  /** Stored with its imageRetrievalForArchiving event (status of the error). A file written later replaces it. */
  recordFailure(failure: CcdFailure): Promise<void>;
  /** Sealed, or failed when the read-back found an error; the image of a file that failed is no longer complete. */
  recordSeal(file: FileId, outcome: Seal | ErrorData): Promise<void>;
  /** Delivered, conflict or failed at one target, with its event (imageInOODS, imageArchived, imageForwarded). */
  recordDelivery(file: FileId, delivery: DeliveryRow): Promise<void>;
  /**
   * complete when every expected file is written, failed when none is, else incomplete (imageIncomplete event). The
   * fixed metadata of a complete image is removed when some hundred images were begun since, unless a header package may still make a new version of a file.
   */
  closeImage(obsid: string): Promise<ImageRow>;
  view(): LedgerView;
  events(): EventLog;
  close(): Promise<void>;
}

/** Who publishes what the ledger tells, each at its own pace: the event bus, and the places that are notified of objects. */
export type EventReader = 'bus' | 'webhook' | 'stream';

/** The events of all transitions in their order, with the place that each reader has reached in it. */
export interface EventLog {
  /** A reader that is new begins with what comes; the place of one that is not named any more is forgotten. The bus is always there. */
  keepReaders(readers: readonly EventReader[]): Promise<void>;
  /** Events that the reader has not published, oldest first. @throws ArchiverError INTERNAL for a reader that is not kept */
  pending(reader: EventReader, limit: number): Promise<ArchiverEvent[]>;
  /** The reader has published all events up to this one. */
  markPublished(reader: EventReader, lastId: string): Promise<void>;
  /** How many events each reader that is kept has before it; of those who notify of objects, imageForwarded only. */
  backlog(): Promise<Partial<Record<EventReader, number>>>;
  /**
   * Events after the one with this id, oldest first; from the oldest that is held when `id` is undefined.
   * @returns isGap when that event is not held any more, or never was: events begin with the oldest that is held
   */
  after(id: string | undefined, limit: number): Promise<{ readonly events: ArchiverEvent[]; readonly isGap: boolean }>;
  /** The id of the newest event; undefined when there is none. */
  last(): Promise<string | undefined>;
}

/**
 * What the files of an image are composed from, as one JSON text. It is fixed before the first of them is written: a
 * retry and a restart take what is fixed, so that a file that is durable already is met by the same bytes again.
 */
export interface MetadataLedger {
  /**
   * The first text of an image and version is kept, later ones are not.
   * @returns the text that is kept, durable by then
   */
  fixMetadata(obsid: string, version: number, json: string): Promise<string>;
  /** What is fixed; undefined before, and long after the image was closed as complete with a header package for every file. */
  fixedMetadata(obsid: string, version: number): Promise<string | undefined>;
}

/** Reading side. */
export interface LedgerView {
  image(obsid: string): Promise<ImageRow | undefined>;
  file(file: FileId): Promise<FileRow | undefined>;
  /** Newest first, by the order in which they were begun; those begun before image `before` when it is given. */
  images(limit: number, before?: string): Promise<ImageRow[]>;
  /** Work that must be in the queue: files to seal, sealed files to deliver, also those that were given up for an error that may pass. */
  openJobs(): Promise<Job[]>;
  /** Images that were begun and not closed. */
  openImages(): Promise<ImageEntry[]>;
  /** The newest `most` of the closed images with raw files whose newest version was written without a header package; newest first. */
  headerless(most: number): Promise<string[]>;
}

/** Stable id of a job: the same work has the same id on every host. */
export function jobId(job: Job): string {
  const { obsid, raft, sensor, product, version } = job.file;
  const file = `${obsid}.${raft}_${sensor}.${product}.${version}`;
  return job.kind === 'seal' ? `seal.${file}` : `deliver.${job.target}.${file}`;
}
