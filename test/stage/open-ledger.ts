import { join } from 'node:path';
import { systemClock, type Timer } from '../../src/model/clock.js';
import { EmbeddedQueue } from '../../src/stage/embedded-queue.js';
import { LedgerThread, SqliteLedger } from '../../src/stage/ledger/client.js';

/** A real ledger in a folder, behind its real thread. */
export async function openLedger(folder: string, clock: Timer = systemClock, metadataKept?: number) {
  const path = join(folder, 'ledger.sqlite');
  const thread = await LedgerThread.start({ path, archiverName: 'CCArchiver', metadataKept, clock });
  return { path, thread, ledger: new SqliteLedger(thread), queue: new EmbeddedQueue(thread) };
}
