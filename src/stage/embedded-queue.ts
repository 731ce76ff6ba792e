import type { ErrorData } from '../model/errors.js';
import type { LedgerThread } from './ledger/client.js';
import type { Claim, Job, StageQueue } from './port.js';

/** The staging queue in the ledger's own database: no server, and one fsync where a broker would need its own. */
export class EmbeddedQueue implements StageQueue {
  readonly #thread: LedgerThread;

  constructor(thread: LedgerThread) {
    this.#thread = thread;
  }

  add(jobs: readonly Job[]): Promise<void> {
    return this.#thread.call('addJobs', jobs);
  }

  claim(most: number, leaseMs: number): Promise<Claim[]> {
    return this.#thread.call('claimJobs', most, leaseMs);
  }

  complete(claim: Claim): Promise<void> {
    return this.#thread.call('completeJob', claim);
  }

  fail(claim: Claim, error: ErrorData, delayMs?: number): Promise<void> {
    return this.#thread.call('failJob', claim, error, delayMs);
  }

  counts(): Promise<{ waiting: number; active: number; failed: number }> {
    return this.#thread.call('countJobs');
  }

  /** The database is the ledger's and is closed with it. */
  async close(): Promise<void> {}
}
