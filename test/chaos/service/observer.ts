import { join } from 'node:path';
import { type Database, loadSqlite } from '../../../src/stage/sqlite.js';

/** What has been acknowledged so far, as somebody outside sees it: rows that are committed. */
export interface Seen {
  /** Files that are durable, and the highest number of one. */
  readonly files: number;
  readonly lastFile: number;
  /** Deliveries that are done. */
  readonly delivered: number;
  readonly images: Readonly<Record<'open' | 'complete' | 'incomplete' | 'failed', number>>;
}

/** An archiver that does not come up makes none. */
const OPEN_MS = 60_000;

/** Reads a ledger while its archiver writes it, over a connection of its own. */
export class LedgerObserver {
  private constructor(private readonly database: Database) {}

  /** Waits until there is a ledger to look at. @throws when there is none after a minute */
  static async open(root: string): Promise<LedgerObserver> {
    const { DatabaseSync } = await loadSqlite();
    for (const start = performance.now(); ; ) {
      try {
        if (performance.now() - start > OPEN_MS) throw new Error(`no ledger below ${root} in ${OPEN_MS} ms`);
        const database = new DatabaseSync(join(root, 'ledger.sqlite'), { readOnly: true });
        const observer = new LedgerObserver(database);
        observer.look();
        return observer;
      } catch (error) {
        if (performance.now() - start > OPEN_MS) throw error;
        await new Promise((resolve) => setTimeout(resolve, 20)); // not made yet
      }
    }
  }

  look(): Seen {
    const files = this.one(`SELECT count(*) AS n, coalesce(max(id), 0) AS last FROM file WHERE state <> 'failed'`);
    const delivered = this.one(`SELECT count(*) AS n FROM delivery WHERE state = 'delivered'`);
    const images = { open: 0, complete: 0, incomplete: 0, failed: 0 };
    for (const row of this.database.prepare('SELECT state, count(*) AS n FROM image GROUP BY state').all()) {
      images[row.state as keyof typeof images] = Number(row.n);
    }
    return { files: Number(files.n), lastFile: Number(files.last), delivered: Number(delivered.n), images };
  }

  /** How many of the files that were seen the ledger still holds; rows are never removed, so all of them. */
  stillKnown({ lastFile }: Seen): number {
    return Number(this.one(`SELECT count(*) AS n FROM file WHERE state <> 'failed' AND id <= ${lastFile}`).n);
  }

  /** Seconds between the earliest and the latest time at which an image was begun, by the archiver's clock. */
  span(): number {
    const row = this.one(`SELECT unixepoch(max(created_at)) - unixepoch(min(created_at)) AS seconds FROM image`);
    return Number(row.seconds);
  }

  close(): void {
    this.database.close();
  }

  private one(sql: string): Record<string, unknown> {
    return this.database.prepare(sql).get() as Record<string, unknown>;
  }
}
