import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EventTable } from '../../src/stage/ledger/event-log.js';
import { openLedgerDatabase } from '../../src/stage/ledger/schema.js';
import { inTransaction, Statements } from '../../src/stage/sqlite.js';
import { tempDir } from '../support/temp.js';

/** The ledger holds this many events that everybody has published. */
const KEPT = 10_000;

async function setUp() {
  const database = await openLedgerDatabase(join(tempDir(), 'ledger.sqlite'));
  onTestFinished(() => database.close());
  const log = new EventTable(new Statements(database));
  let stored = 0;
  const store = (count: number, type = 'imageForwarded') =>
    inTransaction(database, () => {
      const insert = database.prepare('INSERT INTO event (id, body) VALUES (?, ?)');
      for (let n = 0; n < count; n++) {
        const id = `${type}.${++stored}`;
        insert.run(id, JSON.stringify({ type, id }));
      }
      return `${type}.${stored}`;
    });
  return { log, store };
}

describe('A reader of the events', () => {
  it('that is new begins with what comes, and has a place of its own', async () => {
    const { log, store } = await setUp();
    store(3);
    log.keepReaders(['webhook']);
    const last = store(2);
    expect(log.pending('bus', 10)).toHaveLength(5);
    expect(log.pending('webhook', 10)).toHaveLength(2);
    log.markPublished('webhook', last);
    expect([log.pending('bus', 10), log.pending('webhook', 10)].map(({ length }) => length)).toEqual([5, 0]);
    log.keepReaders(['webhook']);
    expect(log.pending('webhook', 10)).toEqual([]);
  });

  it('that is away keeps every event that it has not published, however many others have', async () => {
    const { log, store } = await setUp();
    log.keepReaders(['webhook']);
    const last = store(KEPT + 500);
    log.markPublished('bus', last);
    expect(log.pending('webhook', KEPT * 2)).toHaveLength(KEPT + 500);
    log.markPublished('webhook', last);
    expect(log.after(undefined, KEPT * 2).events).toHaveLength(KEPT);
  });

  it('that is configured no more keeps nothing, and the bus is always there', async () => {
    const { log, store } = await setUp();
    log.keepReaders(['webhook', 'stream']);
    log.keepReaders(['stream']);
    store(1);
    expect(log.backlog()).toEqual({ bus: 1, stream: 1 });
    expect(() => log.pending('webhook', 1)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
  });

  it('has before it what concerns it: of those who notify of objects, files at their prompt keys', async () => {
    const { log, store } = await setUp();
    log.keepReaders(['webhook']);
    store(2, 'imageInOODS');
    store(1);
    expect(log.backlog()).toEqual({ bus: 3, webhook: 1 });
  });

  it('never goes back', async () => {
    const { log, store } = await setUp();
    const first = store(1);
    const last = store(1);
    log.markPublished('bus', last);
    log.markPublished('bus', first);
    log.markPublished('bus', 'of an event that is not held');
    expect(log.pending('bus', 10)).toEqual([]);
  });
});
