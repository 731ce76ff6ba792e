import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { auditFile, auditLedger, type FileAudit, isSound } from '../audit/audit.js';
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

interface Sums {
  files: number;
  /** Sound names, of so many distinct inodes (`copies`). */
  names: number;
  copies: number;
  consumed: number;
  damaged: number;
  repaired: number;
  lost: number;
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
  let thread: LedgerThread | undefined;
  try {
    thread = await LedgerThread.start({ path, archiverName, clock: systemClock });
    const sums: Sums = { files: 0, names: 0, copies: 0, consumed: 0, damaged: 0, repaired: 0, lost: 0 };
    for await (const found of auditLedger(root, new SqliteLedger(thread).view())) {
      const repaired = repair && found.isDamaged ? await repairFile(found, { root, folderMode }) : undefined;
      const left = repaired === undefined ? found : await auditFile(root, found.row);
      count(sums, found, left);
      tell(found, { left, repaired, json });
    }
    tellSums(sums, json);
    return sums.damaged > sums.repaired ? DAMAGED : 0;
  } finally {
    await thread?.close();
    lock.release();
  }
}

function count(sums: Sums, found: FileAudit, left: FileAudit): void {
  const sound = left.copies.filter(({ state }) => state === 'sound');
  sums.files += 1;
  sums.names += sound.length;
  sums.copies += new Set(sound.map(({ inode }) => inode)).size; // a link is a name, not a copy
  sums.consumed += left.copies.filter(({ state }) => state === 'consumed').length;
  if (isSound(found)) return;
  sums.damaged += 1;
  if (isSound(left)) sums.repaired += 1;
  if (left.isLost) sums.lost += 1;
}

interface Outcome {
  /** What is so after the repair, if there was one. */
  readonly left: FileAudit;
  readonly repaired: Repair | undefined;
  readonly json: boolean;
}

function tell(found: FileAudit, { left, repaired, json }: Outcome): void {
  const { row, copies, isLost, missingSidecar } = found;
  if (json) {
    const file = fileKey(row.file);
    printRecord({ file, ok: isSound(found), isLost, copies, missingSidecar, repaired, isSoundNow: isSound(left) });
    return;
  }
  if (isSound(found)) return;
  const bad = missingSidecar ?? copies.find(({ error, state }) => error !== undefined && state !== 'consumed')?.error;
  process.stdout.write(`BAD  ${bad?.code}: ${bad?.message}; ${verdictOf({ left, repaired, json })}\n`);
}

function verdictOf({ left, repaired }: Outcome): string {
  if (left.isLost) return 'LOST: no sound copy is left here';
  if (repaired === undefined) return 'not repaired';
  return isSound(left)
    ? `repaired from ${repaired.source}`
    : `the archive is repaired from ${repaired.source}, a target is not`;
}

function tellSums(sums: Sums, json: boolean): void {
  const words = Object.entries(sums).map(([name, sum]) => `${sum} ${name}`);
  if (json) printRecord({ summary: true, ...sums });
  else process.stdout.write(`${words.join(', ')}\n`);
}
