import type { Timer } from '../model/clock.js';
import { type ArchiverError, asArchiverError, type ErrorData } from '../model/errors.js';
import { Rounds } from '../model/rounds.js';
import type { LedgerView } from '../stage/port.js';
import { type AuditOptions, auditFile, auditLedger, type FileAudit, isSound } from './audit.js';
import { type Repair, type RepairOptions, repairFile } from './repair.js';

export interface ScrubOptions extends AuditOptions, RepairOptions {
  readonly ledger: Pick<LedgerView, 'images'>;
  readonly clock: Timer;
  /** How fast files are read, on average. */
  readonly bytesPerSecond: number;
  /** A file is not what it was; whether it is again. */
  readonly onDamage: (found: FileAudit, error: ErrorData, repaired: boolean) => void;
  /** The scrub itself met an error; it goes on. */
  readonly report: (error: ArchiverError) => void;
}

/** Rest before the next round, and after an error. */
const ROUND_MS = 5000;

/**
 * Reads everything that the ledger acknowledged again and again, slowly, newest image first, and repairs what has a copy. What is damaged is told in each round in
 * which it is found.
 */
export class Scrub {
  private readonly rounds: Rounds;

  constructor(private readonly options: ScrubOptions) {
    const { clock } = options;
    const report = (error: unknown) => options.report(asArchiverError(error));
    this.rounds = new Rounds({ clock, restMs: ROUND_MS, round: (signal) => this.round(signal), report });
  }

  /** Ends after the file that is being read. */
  close(): Promise<void> {
    return this.rounds.close();
  }

  private async round(signal: AbortSignal): Promise<void> {
    const { clock, ledger, bytesPerSecond } = this.options;
    for await (const found of auditLedger(ledger, this.options)) {
      if (signal.aborted) return;
      if (!isSound(found)) await this.repair(found);
      const read = found.copies.filter(({ state }) => state === 'sound' || state === 'damaged').length;
      await clock.delay((read * found.row.bytes * 1000) / bytesPerSecond, signal).catch(() => undefined);
    }
  }

  private async repair(found: FileAudit): Promise<void> {
    const error = found.badSidecar ?? found.copies.find((copy) => copy.state === 'damaged' || copy.error)?.error;
    if (error === undefined) return;
    const repaired = await this.tryRepair(found);
    const isWell = repaired !== undefined && isSound(await auditFile(found.row, this.options));
    this.options.onDamage(found, error, isWell);
  }

  private async tryRepair(found: FileAudit): Promise<Repair | undefined> {
    return repairFile(found, this.options).catch((error) => {
      this.options.report(asArchiverError(error));
      return undefined;
    });
  }
}
