import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/model/clock.js';
import { LedgerThread, SqliteLedger } from '../../src/stage/ledger/client.js';
import { loadSqlite } from '../../src/stage/sqlite.js';
import { tempDir } from '../support/temp.js';
import { imageStart } from './records.js';

/** Guards against a process that never ended: a call that came right after the closing one kept the ledger's thread. */
it('A ledger that is being closed takes no more calls, and closes', async () => {
  const path = `${tempDir()}/ledger.sqlite`;
  const ledger = new SqliteLedger(await LedgerThread.start({ path, archiverName: 'CCArchiver', clock: systemClock }));
  const closed = ledger.close();
  const late = expect(ledger.view().images(1)).rejects.toMatchObject({ code: 'INTERNAL' });
  await closed;
  await late;
}, 20_000);

/** Guards against the same: a ledger that could not begin its last transaction kept its thread. */
it('A ledger that can write nothing any more is closed all the same, and the calls before it learn why they failed', async () => {
  const path = `${tempDir()}/ledger.sqlite`;
  const thread = await LedgerThread.start({ path, archiverName: 'CCArchiver', clock: systemClock });
  const ledger = new SqliteLedger(thread);
  const { DatabaseSync } = await loadSqlite();
  const other = new DatabaseSync(path);
  onTestFinished(() => other.close());
  other.exec('BEGIN IMMEDIATE');
  const begun = expect(ledger.beginImage(imageStart())).rejects.toMatchObject({ name: 'ArchiverError' });
  await ledger.close();
  await begun;
  await expect(ledger.view().images(1)).rejects.toMatchObject({ code: 'INTERNAL' });
}, 20_000);
