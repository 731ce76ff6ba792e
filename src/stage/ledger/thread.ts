import type { MessagePort } from 'node:worker_threads';
import { ArchiverError, asArchiverError, type ErrorData } from '../../model/errors.js';
import type { FileId } from '../../model/ids.js';
import type { CcdFailure, Claim, DeliveryRow, EventReader, ImageStart, Job, Seal, WrittenRecord } from '../port.js';
import { type Database, inTransaction, sqliteError } from '../sqlite.js';
import { JobStore } from './jobs.js';
import { openLedgerDatabase } from './schema.js';
import { LedgerStore } from './store.js';

/** What the thread is started with. */
export interface LedgerThreadOptions {
  readonly path: string;
  readonly archiverName: string;
  /** Complete images that keep their metadata, so that a lost file can be made again: the newest ones; default 500. */
  readonly metadataKept?: number | undefined;
}

/** Time of a request by the caller's clock: TAI ISO for events, monotonic milliseconds for leases. */
interface RequestTime {
  readonly tai: string;
  readonly nowMs: number;
}

export interface LedgerRequest {
  readonly id: number;
  readonly call: LedgerCall;
  readonly arguments: readonly unknown[];
  readonly time: RequestTime;
}

/** Errors cross as data; `events` tells that the call has put events into the outbox. */
export interface LedgerReply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: ErrorData;
  readonly events?: boolean;
}

/** Every call that the thread answers. */
function callsOf(ledger: LedgerStore, jobs: JobStore) {
  return {
    beginImage: (_: RequestTime, start: ImageStart) => ledger.beginImage(start),
    recordWritten: ({ tai }: RequestTime, record: WrittenRecord) => ledger.recordWritten(record, tai),
    recordFailure: ({ tai }: RequestTime, failure: CcdFailure) => ledger.recordFailure(failure, tai),
    recordSeal: ({ tai }: RequestTime, file: FileId, outcome: Seal | ErrorData) =>
      ledger.recordSeal(file, outcome, tai),
    recordDelivery: ({ tai }: RequestTime, file: FileId, row: DeliveryRow) => ledger.recordDelivery(file, row, tai),
    closeImage: ({ tai }: RequestTime, obsid: string) => ledger.closeImage(obsid, tai),
    fixMetadata: (_: RequestTime, obsid: string, version: number, json: string) =>
      ledger.fixMetadata(obsid, version, json),
    fixedMetadata: (_: RequestTime, obsid: string, version: number) => ledger.reader.metadata(obsid, version),
    image: (_: RequestTime, obsid: string) => ledger.reader.image(obsid),
    file: (_: RequestTime, file: FileId) => ledger.reader.file(file),
    images: (_: RequestTime, limit: number, before?: string) => ledger.reader.images(limit, before),
    openJobs: () => ledger.reader.openJobs(),
    openImages: () => ledger.reader.openImages(),
    headerless: (_: RequestTime, most: number) => ledger.reader.headerless(most),
    keepReaders: (_: RequestTime, readers: readonly EventReader[]) => ledger.events.keepReaders(readers),
    pendingEvents: (_: RequestTime, reader: EventReader, limit: number) => ledger.events.pending(reader, limit),
    markPublished: (_: RequestTime, reader: EventReader, lastId: string) => ledger.events.markPublished(reader, lastId),
    eventBacklog: () => ledger.events.backlog(),
    eventsAfter: (_: RequestTime, id: string | undefined, limit: number) => ledger.events.after(id, limit),
    lastEvent: () => ledger.events.last(),
    addJobs: (_: RequestTime, added: readonly Job[]) => jobs.add(added),
    claimJobs: ({ nowMs }: RequestTime, most: number, leaseMs: number) => jobs.claim(most, leaseMs, nowMs),
    completeJob: (_: RequestTime, claim: Claim) => jobs.complete(claim),
    failJob: ({ nowMs }: RequestTime, claim: Claim, error: ErrorData, delayMs?: number) =>
      jobs.fail(claim, error, delayMs, nowMs),
    countJobs: () => jobs.counts(),
  };
}

export type LedgerCalls = ReturnType<typeof callsOf>;
export type LedgerCall = keyof LedgerCalls | 'open' | 'close';

/**
 * Serves one ledger to the thread that holds the other end of the port; SQLite's fsync blocks only this thread.
 * 'open' must be the first call, 'close' the last.
 */
export function serveLedger(port: MessagePort, options: LedgerThreadOptions): void {
  const server = new LedgerServer(options);
  const requests: LedgerRequest[] = [];
  const serve = async (): Promise<void> => {
    for (const reply of await server.answer(requests.splice(0))) port.postMessage(reply);
    if (server.isClosed) port.close();
  };
  let last = Promise.resolve();
  port.on('message', (request: LedgerRequest) => {
    requests.push(request);
    // What has come by the next turn of the loop is answered together.
    if (requests.length === 1) setImmediate(() => (last = last.then(serve)));
  });
}

/**
 * Calls that came together share one commit and thus one fsync, each in a savepoint of its own: one that fails
 * leaves no trace, and no call is answered before the commit that makes it durable.
 */
class LedgerServer {
  readonly #options: LedgerThreadOptions;
  #open: { readonly database: Database; readonly ledger: LedgerStore; readonly calls: LedgerCalls } | undefined;
  isClosed = false;

  constructor(options: LedgerThreadOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  async answer(requests: readonly LedgerRequest[]): Promise<LedgerReply[]> {
    const last = requests.at(-1);
    if (last?.call !== 'close') return await this.#answerWork(requests);
    const replies = requests.length > 1 ? await this.#answerWork(requests.slice(0, -1)) : [];
    return [...replies, this.#close(last)];
  }

  async #answerWork(requests: readonly LedgerRequest[]): Promise<LedgerReply[]> {
    try {
      if (requests[0]?.call === 'open') await this.#openDatabase();
      return this.#answerTogether(requests);
    } catch (error) {
      const data = this.#errorData(error);
      return requests.map(({ id }) => ({ id, error: data }));
    }
  }

  /** @throws when the commit failed, or SQLite gave the whole transaction up: then none of the calls took effect */
  #answerTogether(requests: readonly LedgerRequest[]): LedgerReply[] {
    if (this.#open === undefined) throw new ArchiverError('INTERNAL', { problem: 'the ledger is not open' });
    const { database } = this.#open;
    return inTransaction(database, () =>
      requests.map((request) => {
        try {
          return this.#answerOne(request);
        } catch (error) {
          if (!database.isTransaction) throw error;
          return { id: request.id, error: this.#errorData(error) };
        }
      }),
    );
  }

  #answerOne({ id, call, arguments: values, time }: LedgerRequest): LedgerReply {
    if (this.#open === undefined || call === 'open' || call === 'close') return { id }; // done before or after
    const { ledger, calls } = this.#open;
    const stored = ledger.outbox.stored;
    const run = calls[call] as (time: RequestTime, ...values: readonly unknown[]) => unknown;
    const value = run(time, ...values);
    return { id, value, events: ledger.outbox.stored > stored };
  }

  async #openDatabase(): Promise<void> {
    const database = await openLedgerDatabase(this.#options.path);
    const ledger = new LedgerStore(database, this.#options);
    this.#open = { database, ledger, calls: callsOf(ledger, new JobStore(database)) };
  }

  /** The thread ends whatever the disk does: what was committed is durable without it. */
  #close({ id }: LedgerRequest): LedgerReply {
    this.isClosed = true;
    try {
      this.#open?.database.close();
      return { id };
    } catch (error) {
      return { id, error: this.#errorData(error) };
    } finally {
      this.#open = undefined;
    }
  }

  #errorData(error: unknown): ErrorData {
    return asArchiverError(sqliteError(error, this.#options.path)).toData();
  }
}
