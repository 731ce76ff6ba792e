import { systemClock } from '../../src/model/clock.js';
import { ledgerConformance } from '../conformance/ledger.js';
import { metadataLedgerConformance } from '../conformance/metadata-ledger.js';
import { keptTempDir } from '../support/temp.js';
import { openLedger } from './open-ledger.js';

async function openSqlite(metadataKept?: number) {
  const folder = keptTempDir();
  const start = () => openLedger(folder.path, systemClock, metadataKept);
  let open = await start();
  return {
    ledger: open.ledger,
    reopen: async () => {
      await open.ledger.close();
      open = await start();
      return open.ledger;
    },
    close: async () => {
      await open.ledger.close();
      folder.remove();
    },
  };
}

ledgerConformance('SQLite', () => openSqlite());
metadataLedgerConformance('SQLite', openSqlite);
