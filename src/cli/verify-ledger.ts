import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { auditFile, auditLedger, type FileAudit, isSound } from '../audit/audit.js';
import { type Repair, type RepairOptions, repairFile } from '../audit/repair.js';
import { composeArchiver } from '../compose.js';
import type { Config } from '../config.js';
import type { DaqAddress } from '../daq/address.js';
import { systemClock } from '../model/clock.js';
import { ArchiverError, asArchiverError } from '../model/errors.js';
import { fileKey } from '../model/ids.js';
import { LedgerThread, SqliteLedger } from '../stage/ledger/client.js';
import type { FileRow, Ledger } from '../stage/port.js';
import { lockRoot } from '../stage/root-lock.js';
import { printRecord } from './output.js';

export interface LedgerAuditOptions {
  readonly repair: boolean;
  /** Where the images of lost files still are. */
  readonly source?: DaqAddress | undefined;
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

/** What is audited, and what a file without a copy may be made from again. */
interface Subject {
  readonly ledger: Ledger;
  readonly remake?: (row: FileRow) => Promise<string>;
  close(): Promise<void>;
}

/**
 * Compares everything that the ledger of a data root acknowledged with what is on disk, and repairs what has a sound copy or a source when asked to.
 * @returns the exit code: 0 when all is sound or repaired
 * @throws ArchiverError ROOT_LOCKED while an archiver runs there, FILE_MISSING without a ledger, LEDGER_INVALID
 */
export async function verifyLedger(config: Config, options: LedgerAuditOptions): Promise<number> {
  const { root, folderMode } = config;
  const receipts = resolve(root, config.receipts);
  const path = join(root, 'ledger.sqlite');
  if (!existsSync(path)) throw new ArchiverError('FILE_MISSING', { path });
  const subject =
    options.source === undefined ? await openLedger(config, path) : await openArchiver(config, options.source);
  try {
    const { ledger, remake } = subject;
    const sums: Sums = { files: 0, names: 0, copies: 0, consumed: 0, damaged: 0, repaired: 0, lost: 0 };
    const repairing = { root, folderMode, ...(remake === undefined ? {} : { remake }) };
    for await (const found of auditLedger(ledger.view(), { root, receipts })) {
      const repaired = options.repair && !isSound(found) ? await tryRepair(found, repairing) : undefined;
      const left = repaired === undefined ? found : await auditFile(found.row, { root, receipts });
      count(sums, found, left);
      tell(found, { left, repaired, json: options.json });
    }
    tellSums(sums, options.json);
    return sums.damaged > sums.repaired ? DAMAGED : 0;
  } finally {
    await subject.close();
  }
}

/** One file that cannot be repaired does not keep the others from it. */
async function tryRepair(found: FileAudit, options: RepairOptions): Promise<Repair | undefined> {
  try {
    return await repairFile(found, options);
  } catch (thrown) {
    const error = asArchiverError(thrown);
    process.stderr.write(`ccarchiver: ${error.code}: ${error.message}\n`);
    return undefined;
  }
}

async function openLedger({ root, archiverName }: Config, path: string): Promise<Subject> {
  const lock = await lockRoot(root);
  try {
    const thread = await LedgerThread.start({ path, archiverName, clock: systemClock });
    const close = async () => {
      await thread.close();
      lock.release();
    };
    return { ledger: new SqliteLedger(thread), close };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** An archiver that takes no image: its parts make the files. */
async function openArchiver(config: Config, daq: DaqAddress): Promise<Subject> {
  const report = {
    problem: ({ code, message }: ArchiverError) => void process.stderr.write(`ccarchiver: ${code}: ${message}\n`),
    written: () => undefined,
  };
  return composeArchiver(config, { daq, live: false, stage: false, ends: true, report, onResult: () => undefined });
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
  const { row, copies, isLost, badSidecar } = found;
  if (json) {
    const file = fileKey(row.file);
    printRecord({ file, ok: isSound(found), isLost, copies, badSidecar, repaired, isSoundNow: isSound(left) });
    return;
  }
  if (isSound(found)) return;
  const bad = badSidecar ?? copies.find(({ error, state }) => error !== undefined && state !== 'consumed')?.error;
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
