import type { ErrorData } from '../../model/errors.js';
import { type Claim, type Job, jobId } from '../port.js';
import { type Database, inTransaction, Statements } from '../sqlite.js';

export interface JobCounts {
  readonly waiting: number;
  readonly active: number;
  readonly failed: number;
}

/**
 * Staging jobs in the ledger's database. `due` is when a waiting job may be claimed, or when the lease of an active
 * one ends; both on the monotonic clock of the process that owns the data root, so that no change of the wall clock
 * ends a lease. Another process's clock means nothing here: whatever an earlier process left is due at once when the
 * store is opened, which the root's lock makes safe. Finished jobs are removed, and when the store is opened those that an
 * earlier process set aside: whether they are to be tried again is the ledger's to say.
 */
export class JobStore {
  readonly #database: Database;
  readonly #statements: Statements;
  /** Fencing token of the last lease; no claim outlives the process, so counting starts anew with it. */
  #lease = 0;

  constructor(database: Database) {
    this.#database = database;
    this.#statements = new Statements(database);
    database.exec(`DELETE FROM job WHERE state = 'failed'; UPDATE job SET state = 'waiting', due = 0, lease = 0`);
  }

  add(jobs: readonly Job[]): void {
    inTransaction(this.#database, () => {
      for (const job of jobs) {
        this.#statements.run(
          `INSERT INTO job (id, body, state) VALUES (?, ?, 'waiting') ON CONFLICT (id) DO NOTHING`,
          ...[jobId(job), JSON.stringify(job)],
        );
      }
    });
  }

  claim(most: number, leaseMs: number, nowMs: number): Claim[] {
    this.#lease += 1;
    const rows = this.#statements.all(
      `UPDATE job SET state = 'active', attempt = attempt + 1, lease = ?, due = ? WHERE seq IN
         (SELECT seq FROM job WHERE state <> 'failed' AND due <= ? ORDER BY seq LIMIT ?)
       RETURNING seq, id, body, attempt, lease`,
      ...[this.#lease, nowMs + leaseMs, nowMs, most],
    );
    return rows
      .sort((a, b) => Number(a.seq) - Number(b.seq))
      .map((row) => ({
        job: JSON.parse(String(row.body)) as Job,
        id: String(row.id),
        attempt: Number(row.attempt),
        lease: Number(row.lease),
      }));
  }

  complete({ id, lease }: Claim): void {
    this.#statements.run(`DELETE FROM job WHERE id = ? AND lease = ? AND state = 'active'`, id, lease);
  }

  fail({ id, lease }: Claim, error: ErrorData, delayMs: number | undefined, nowMs: number): void {
    const state = delayMs === undefined ? 'failed' : 'waiting';
    this.#statements.run(
      `UPDATE job SET state = ?, due = ?, error = ? WHERE id = ? AND lease = ? AND state = 'active'`,
      ...[state, nowMs + (delayMs ?? 0), JSON.stringify(error), id, lease],
    );
  }

  counts(): JobCounts {
    const counts = { waiting: 0, active: 0, failed: 0 };
    for (const row of this.#statements.all('SELECT state, count(*) AS jobs FROM job GROUP BY state')) {
      counts[row.state as keyof typeof counts] = Number(row.jobs);
    }
    return counts;
  }
}
