import type { ArchiverEvent } from '../../events/port.js';
import { ArchiverError } from '../../model/errors.js';
import type { EventReader } from '../port.js';
import type { Statements } from '../sqlite.js';

/** Events that stay although everybody has published them, for those who ask for what they missed; older ones are removed. */
const KEPT = 10_000;

/** Bus reads everything; the others notify of objects. */
const WAITING = `SELECT name, (SELECT count(*) FROM event WHERE event.seq > reader.seq
  AND (reader.name = 'bus' OR event.id GLOB 'imageForwarded.*')) AS waiting FROM reader`;

/** Reads the events of the ledger in their order, and keeps how far each reader has come. */
export class EventTable {
  readonly #statements: Statements;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  keepReaders(readers: readonly EventReader[]): void {
    const kept = ['bus', ...readers];
    this.#statements.run('DELETE FROM reader WHERE name NOT IN (SELECT value FROM json_each(?))', JSON.stringify(kept));
    for (const name of kept) {
      this.#statements.run(
        'INSERT INTO reader SELECT ?, coalesce(max(seq), 0) FROM event WHERE true ON CONFLICT DO NOTHING',
        name,
      );
    }
  }

  pending(reader: EventReader, limit: number): ArchiverEvent[] {
    const place = this.#statements.get('SELECT seq FROM reader WHERE name = ?', reader);
    if (place === undefined) throw new ArchiverError('INTERNAL', { problem: `the ledger keeps no reader "${reader}"` });
    return this.#from(Number(place.seq), limit);
  }

  markPublished(reader: EventReader, lastId: string): void {
    const sql = 'UPDATE reader SET seq = max(seq, (SELECT seq FROM event WHERE id = ?)) WHERE name = ?';
    if (this.#seqOf(lastId) !== undefined) this.#statements.run(sql, lastId, reader);
    this.#statements.run(
      `DELETE FROM event WHERE seq <= (SELECT max(seq) FROM event) - ? AND seq <= (SELECT min(seq) FROM reader)`,
      KEPT,
    );
  }

  backlog(): Partial<Record<EventReader, number>> {
    return Object.fromEntries(this.#statements.all(WAITING).map(({ name, waiting }) => [name, Number(waiting)]));
  }

  after(id: string | undefined, limit: number): { readonly events: ArchiverEvent[]; readonly isGap: boolean } {
    const seq = id === undefined ? 0 : this.#seqOf(id);
    return { events: this.#from(seq ?? 0, limit), isGap: seq === undefined };
  }

  last(): string | undefined {
    return this.#statements.get('SELECT id FROM event ORDER BY seq DESC LIMIT 1')?.id as string | undefined;
  }

  #seqOf(id: string): number | undefined {
    const row = this.#statements.get('SELECT seq FROM event WHERE id = ?', id);
    return row === undefined ? undefined : Number(row.seq);
  }

  #from(seq: number, limit: number): ArchiverEvent[] {
    const rows = this.#statements.all('SELECT body FROM event WHERE seq > ? ORDER BY seq LIMIT ?', seq, limit);
    return rows.map((row) => JSON.parse(String(row.body)) as ArchiverEvent);
  }
}
