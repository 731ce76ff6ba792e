import { ledgerConformance } from '../conformance/ledger.js';
import { metadataLedgerConformance } from '../conformance/metadata-ledger.js';
import { keptTempDir } from '../support/temp.js';
import { openLedger } from './open-ledger.js';

async function openSqlite() {
  const folder = keptTempDir();
  let open = await openLedger(folder.path);
  return {
    ledger: open.ledger,
    reopen: async () => {
      await open.ledger.close();
      open = await openLedger(folder.path);
      return open.ledger;
    },
    close: async () => {
      await open.ledger.close();
      folder.remove();
    },
  };
}

ledgerConformance('SQLite', openSqlite);
metadataLedgerConformance('SQLite', openSqlite);
