import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { auditLedger, type FileAudit } from '../audit/audit.js';
import { type Repair, repairFile } from '../audit/repair.js';
import type { Config } from '../config.js';
import { systemClock } from '../model/clock.js';
import { ArchiverError } from '../model/errors.js';
import { fileKey } from '../model/ids.js';
import { LedgerThread, SqliteLedger } from '../stage/ledger/client.js';
import { lockRoot } from '../stage/root-lock.js';
import { printRecord } from './output.js';

export interface LedgerAuditOptions {
  readonly repair: boolean;
  readonly json: boolean;
}

/** Integrity: a file is damaged and was not repaired. */
const DAMAGED = 6;

/**
 * Compares everything that the ledger of a data root acknowledged with what is on disk, and repairs what has a sound copy when asked to.
 * @returns the exit code: 0 when all is sound or repaired
 * @throws ArchiverError ROOT_LOCKED while an archiver runs there, FILE_MISSING without a ledger, LEDGER_INVALID
 */
export async function verifyLedger(config: Config, { repair, json }: LedgerAuditOptions): Promise<number> {
  const { root, folderMode, archiverName } = config;
  const path = join(root, 'ledger.sqlite');
  if (!existsSync(path)) throw new ArchiverError('FILE_MISSING', { path });
  const lock = await lockRoot(root);
  try {
    const thread = await LedgerThread.start({ path, archiverName, clock: systemClock });
    const sums = { files: 0, names: 0, copies: 0, consumed: 0, damaged: 0, repaired: 0, lost: 0 };
    for await (const audit of auditLedger(root, new SqliteLedger(thread).view())) {
      const repaired = repair && audit.isDamaged ? await repairFile(audit, { root, folderMode }) : undefined;
      count(sums, audit, repaired);
      tell(audit, repaired, json);
    }
    await thread.close();
    if (json) printRecord({ summary: true, ...sums });
    else
      process.stdout.write(
        `${Object.entries(sums)
          .map(([name, sum]) => `${sum} ${name}`)
          .join(', ')}\n`,
      );
    return sums.damaged > sums.repaired ? DAMAGED : 0;
  } finally {
    lock.release();
  }
}

function count(
  sums: {
    files: number;
    names: number;
    copies: number;
    consumed: number;
    damaged: number;
    repaired: number;
    lost: number;
  },
  { copies, isDamaged, isLost }: FileAudit,
  repaired: Repair | undefined,
): void {
  sums.files += 1;
  const sound = copies.filter(({ state }) => state === 'sound');
  sums.names += sound.length;
  sums.copies += new Set(sound.map(({ inode }) => inode)).size; // a link is a name, not a copy
  sums.consumed += copies.filter(({ state }) => state === 'consumed').length;
  if (isDamaged || copies.some(({ state }) => state === 'damaged')) sums.damaged += 1;
  if (repaired !== undefined) sums.repaired += 1;
  if (isLost) sums.lost += 1;
}

function tell({ row, copies, isDamaged, isLost }: FileAudit, repaired: Repair | undefined, json: boolean): void {
  const bad = copies.filter(({ state }) => state === 'damaged' || (state === 'missing' && isDamaged));
  if (json) {
    const found = copies.map(({ error, ...copy }) => ({
      ...copy,
      ...(error === undefined ? {} : { error: error.toData() }),
    }));
    printRecord({
      file: fileKey(row.file),
      ok: bad.length === 0,
      isLost,
      copies: found,
      ...(repaired === undefined ? {} : { repaired }),
    });
    return;
  }
  if (bad.length === 0) return;
  const verdict =
    repaired !== undefined
      ? `repaired from ${repaired.source}`
      : isLost
        ? 'LOST: no sound copy is left here'
        : 'not repaired';
  const [first] = bad;
  process.stdout.write(
    `BAD  ${first?.path}: ${first?.error?.code ?? ''}: ${first?.error?.message ?? ''}; ${verdict}\n`,
  );
}
