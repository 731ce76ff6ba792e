import { parentPort, workerData } from 'node:worker_threads';
import { type LedgerThreadOptions, serveLedger } from '../src/stage/ledger/thread.js';

// The one thread that opens the ledger's database: its fsync must not block the coordinator's event loop.
if (parentPort === null) throw new Error('workers/ledger.js runs as a worker thread only');
serveLedger(parentPort, workerData as LedgerThreadOptions);
