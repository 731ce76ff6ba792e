import { Worker } from 'node:worker_threads';
import type { Clock } from '../../model/clock.js';
import { ArchiverError, asArchiverError, type ErrorData } from '../../model/errors.js';
import type { FileId } from '../../model/ids.js';
import { distFile } from '../../model/package.js';
import { isoFromTai, taiNow } from '../../model/time.js';
import type {
  CcdFailure,
  DeliveryRow,
  EventLog,
  FileRow,
  ImageEntry,
  ImageRow,
  ImageStart,
  Job,
  Ledger,
  LedgerView,
  MetadataLedger,
  Seal,
  WrittenRecord,
} from '../port.js';
import type { LedgerCall, LedgerCalls, LedgerReply, LedgerRequest, LedgerThreadOptions } from './thread.js';

export interface LedgerOptions extends LedgerThreadOptions {
  readonly clock: Clock;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: ArchiverError) => void;
}

const defect = (problem: string) => new ArchiverError('INTERNAL', { problem });
const CLOSED = defect('the ledger is closed');

/** The calling side of the ledger thread: calls are answered in the order in which they were made. */
export class LedgerThread {
  readonly #worker: Worker;
  readonly #clock: Clock;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<() => void>();
  readonly #ended: Promise<void>;
  #lastId = 0;
  #end: ArchiverError | undefined;

  private constructor({ clock, ...workerData }: LedgerOptions) {
    this.#clock = clock;
    this.#worker = new Worker(distFile('workers/ledger.js'), { workerData, name: 'ledger' });
    this.#worker.on('message', (reply: LedgerReply) => this.#receive(reply));
    this.#worker.on('error', (error) => this.#fail(defect(`the ledger thread failed (${error.message})`)));
    this.#ended = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        this.#fail(CLOSED);
        resolve();
      });
    });
  }

  /** @throws ArchiverError LEDGER_INVALID, FOLDER_UNWRITABLE, DISK_FULL, WRITE_FAILED */
  static async start(options: LedgerOptions): Promise<LedgerThread> {
    const thread = new LedgerThread(options);
    try {
      await thread.#send('open', []);
    } catch (error) {
      await thread.#worker.terminate();
      throw error;
    }
    return thread;
  }

  async call<Name extends keyof LedgerCalls>(
    name: Name,
    ...values: Tail<Parameters<LedgerCalls[Name]>>
  ): Promise<ReturnType<LedgerCalls[Name]>> {
    return (await this.#send(name, values)) as ReturnType<LedgerCalls[Name]>;
  }

  /** Tells whenever a transaction has put events into the outbox. */
  onEvents(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Answers what was asked before, then closes the database; closing twice is closing once. What is asked from now on is refused. */
  async close(): Promise<void> {
    try {
      if (this.#end === undefined) {
        const closed = this.#send('close', []);
        this.#end = CLOSED;
        await closed;
      }
    } finally {
      await this.#ended;
    }
  }

  #send(call: LedgerCall, values: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#end !== undefined) return reject(this.#end);
      this.#lastId += 1;
      this.#waiting.set(this.#lastId, { resolve, reject });
      const time = { tai: isoFromTai(taiNow(this.#clock)), nowMs: this.#clock.monotonicMs() };
      const request: LedgerRequest = { id: this.#lastId, call, arguments: values, time };
      this.#worker.postMessage(request);
    });
  }

  #receive({ id, value, error, events }: LedgerReply): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(value);
    else waiting?.reject(asArchiverError(error));
    if (events) for (const listener of this.#listeners) listener();
  }

  #fail(error: ArchiverError): void {
    this.#end ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#end);
    this.#waiting.clear();
  }
}

type Tail<List extends readonly unknown[]> = List extends [unknown, ...infer Rest] ? Rest : [];

/** The ledger in SQLite, reached through its thread. */
export class SqliteLedger implements Ledger, LedgerView, MetadataLedger {
  readonly #thread: LedgerThread;

  constructor(thread: LedgerThread) {
    this.#thread = thread;
  }

  beginImage(image: ImageStart): Promise<ImageEntry> {
    return this.#thread.call('beginImage', image);
  }

  recordWritten(record: WrittenRecord): Promise<void> {
    return this.#thread.call('recordWritten', record);
  }

  recordFailure(failure: CcdFailure): Promise<void> {
    return this.#thread.call('recordFailure', failure);
  }

  recordSeal(file: FileId, outcome: Seal | ErrorData): Promise<void> {
    return this.#thread.call('recordSeal', file, outcome);
  }

  recordDelivery(file: FileId, delivery: DeliveryRow): Promise<void> {
    return this.#thread.call('recordDelivery', file, delivery);
  }

  closeImage(obsid: string): Promise<ImageRow> {
    return this.#thread.call('closeImage', obsid);
  }

  fixMetadata(obsid: string, version: number, json: string): Promise<string> {
    return this.#thread.call('fixMetadata', obsid, version, json);
  }

  fixedMetadata(obsid: string, version: number): Promise<string | undefined> {
    return this.#thread.call('fixedMetadata', obsid, version);
  }

  view(): LedgerView {
    return this;
  }

  events(): EventLog {
    const thread = this.#thread;
    return {
      keepReaders: (readers) => thread.call('keepReaders', readers),
      pending: (reader, limit) => thread.call('pendingEvents', reader, limit),
      markPublished: (reader, lastId) => thread.call('markPublished', reader, lastId),
      backlog: () => thread.call('eventBacklog'),
      after: (id, limit) => thread.call('eventsAfter', id, limit),
      last: () => thread.call('lastEvent'),
    };
  }

  image(obsid: string): Promise<ImageRow | undefined> {
    return this.#thread.call('image', obsid);
  }

  file(file: FileId): Promise<FileRow | undefined> {
    return this.#thread.call('file', file);
  }

  images(limit: number, before?: string): Promise<ImageRow[]> {
    return this.#thread.call('images', limit, before);
  }

  openJobs(): Promise<Job[]> {
    return this.#thread.call('openJobs');
  }

  openImages(): Promise<ImageEntry[]> {
    return this.#thread.call('openImages');
  }

  headerless(most: number): Promise<string[]> {
    return this.#thread.call('headerless', most);
  }

  close(): Promise<void> {
    return this.#thread.close();
  }
}
