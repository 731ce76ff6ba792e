import { chmodSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/model/clock.js';
import { LedgerThread } from '../../src/stage/ledger/client.js';
import { MIGRATIONS, openLedgerDatabase } from '../../src/stage/ledger/schema.js';
import { loadSqlite } from '../../src/stage/sqlite.js';
import { describeUnless } from '../support/not-run.js';
import { tempDir } from '../support/temp.js';
import { openLedger } from './open-ledger.js';
import { fileId, imageStart, OBSID, written } from './records.js';

async function execute(path: string, sql: string): Promise<void> {
  const { DatabaseSync } = await loadSqlite();
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

describe('Opening a ledger', () => {
  it('makes a file that commits through fsync and that others cannot read', async () => {
    const path = join(tempDir(), 'ledger.sqlite');
    const database = await openLedgerDatabase(path);
    const setting = (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
    expect(setting('journal_mode')).toBe('wal');
    expect(setting('synchronous')).toBe(2);
    expect(setting('user_version')).toBe(MIGRATIONS.length);
    database.close();
    expect(statSync(path).mode & 0o777).toBe(0o640);
  });

  it('refuses a file that is no database', async () => {
    const folder = tempDir();
    writeFileSync(join(folder, 'ledger.sqlite'), 'SIMPLE  =                    T / no database '.repeat(64));
    await expect(openLedger(folder)).rejects.toMatchObject({ code: 'LEDGER_INVALID' });
  });

  it('refuses a database of another program and leaves it as it was', async () => {
    const folder = tempDir();
    const path = join(folder, 'ledger.sqlite');
    await execute(path, 'CREATE TABLE butler (id INTEGER)');
    const before = readFileSync(path);
    await expect(openLedger(folder)).rejects.toThrow(/database of another program/);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it('waits for somebody who has it locked for a moment, as one who looks at a new ledger has', async () => {
    const path = join(tempDir(), 'ledger.sqlite');
    const { DatabaseSync } = await loadSqlite();
    const other = new DatabaseSync(path);
    other.exec('BEGIN EXCLUSIVE');
    const opened = LedgerThread.start({ path, archiverName: 'CCArchiver', clock: systemClock });
    await new Promise((resolve) => setTimeout(resolve, 300));
    other.exec('COMMIT');
    other.close();
    await (await opened).close();
  });

  it('refuses a ledger of a newer program', async () => {
    const folder = tempDir();
    const { ledger, path } = await openLedger(folder);
    await ledger.close();
    await execute(path, 'PRAGMA user_version = 999');
    await expect(openLedger(folder)).rejects.toThrow(/schema 999 is newer/);
  });

  it('tells of a damaged ledger', async () => {
    const folder = tempDir();
    const { ledger, path } = await openLedger(folder);
    for (let n = 1; n <= 30; n++) await ledger.beginImage(imageStart(`CC_O_20241108_${String(n).padStart(6, '0')}`));
    await ledger.close();
    truncateSync(path, statSync(path).size - 8192);
    const damaged = openLedger(folder).then(async (opened) => {
      try {
        return await opened.ledger.view().images(100);
      } finally {
        await opened.ledger.close();
      }
    });
    await expect(damaged).rejects.toMatchObject({ code: 'LEDGER_INVALID' });
  });

  it('brings a ledger of an older program to the newest schema, each step whole or not at all', async () => {
    const folder = tempDir();
    const { ledger, path } = await openLedger(folder);
    await ledger.beginImage(imageStart());
    await ledger.close();

    const broken = [...MIGRATIONS, 'CREATE TABLE two (x); INSERT INTO two VALUES (1); CREATE TABLE two (x)'];
    await expect(openLedgerDatabase(path, broken)).rejects.toThrow(/already exists/);
    await execute(path, `INSERT INTO image SELECT 2, 'b', tag, camera, instrument, created_at, state FROM image`);

    const newer = await openLedgerDatabase(path, [...MIGRATIONS, 'CREATE TABLE two (x)', 'INSERT INTO two VALUES (7)']);
    expect(newer.prepare('PRAGMA user_version').get()).toEqual({ user_version: MIGRATIONS.length + 2 });
    expect(newer.prepare('SELECT x FROM two').all()).toEqual([{ x: 7 }]);
    expect(newer.prepare('SELECT obsid FROM image ORDER BY id').all()).toEqual([{ obsid: OBSID }, { obsid: 'b' }]);
    newer.close();
  });

  it('tells when its thread has ended instead of waiting', async () => {
    const { ledger } = await openLedger(tempDir());
    await ledger.close();
    await expect(ledger.recordWritten(written(fileId('S00')))).rejects.toThrow(/ledger is closed/);
    await ledger.close();
  });
});

describeUnless(process.getuid?.() === 0 ? 'root may write everywhere' : undefined, 'Opening a ledger as nobody', () => {
  it('tells that the folder cannot be written', async () => {
    const folder = join(tempDir(), 'closed');
    mkdirSync(folder);
    chmodSync(folder, 0o555);
    await expect(openLedger(folder)).rejects.toMatchObject({ code: 'FOLDER_UNWRITABLE' });
  });
});

it('A ledger in a folder that does not exist is refused', async () => {
  await expect(openLedger(join(tempDir(), 'absent'))).rejects.toMatchObject({ code: 'FOLDER_UNWRITABLE' });
});
