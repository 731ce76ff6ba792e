import { resolve } from 'node:path';
import { Scrub } from '../audit/scrub.js';
import type { Config } from '../config.js';
import { systemClock } from '../model/clock.js';
import { ArchiverError } from '../model/errors.js';
import type { ArchiveReport } from '../pipeline/services.js';
import type { SqliteLedger } from '../stage/ledger/client.js';
import type { Announcer } from './announcer.js';

/** The background scrub of a service; undefined when it is switched off. */
export function newScrub(
  { root, folderMode, receipts, scrub, camera }: Config,
  ledger: SqliteLedger,
  { tell, report }: { readonly tell: Announcer['tell']['damage']; readonly report: ArchiveReport },
): Scrub | undefined {
  if (scrub.megabytesPerSecond === 0) return undefined;
  return new Scrub({
    root,
    folderMode,
    receipts: resolve(root, receipts),
    ledger: ledger.view(),
    clock: systemClock,
    bytesPerSecond: scrub.megabytesPerSecond * 1e6,
    onDamage: ({ row, copies }, { code, message, details }, repaired) => {
      const { obsid, raft, sensor } = row.file;
      const path = copies[0]?.path ?? row.path;
      tell({ camera, obsid, raft, sensor, path, repaired, description: `${code}: ${message}` });
      if (!repaired) report.problem(new ArchiverError(code, details), obsid);
    },
    report: (error) => report.problem(error, ''),
  });
}
