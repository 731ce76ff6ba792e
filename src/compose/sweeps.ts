import { join, resolve } from 'node:path';
import { readReceipts } from '../audit/receipts.js';
import type { Config } from '../config.js';
import type { StagingTarget } from '../handoff/port.js';
import { sweepReceipted } from '../handoff/receipted.js';
import { sweepBuffer } from '../handoff/retention.js';
import { sweepSpool } from '../handoff/spool.js';
import { systemClock as clock } from '../model/clock.js';
import type { ArchiverError } from '../model/errors.js';
import type { LedgerView } from '../stage/port.js';

/**
 * What is removed again of what was handed off: one round of all three.
 * @param targets those that are in use
 * @param tell told of hand-offs that nobody has taken for too long, when that begins
 */
export function newSweeps(
  config: Config,
  ledger: LedgerView,
  targets: readonly StagingTarget[],
  tell: (error: ArchiverError) => void,
): ((signal: AbortSignal) => Promise<unknown>)[] {
  const { root, prompt, oods, dbb } = config;
  const receipts = resolve(root, config.receipts);
  let wasOverdue = false;
  const bucket = targets.find(({ name }) => name === 'prompt');
  const isStored = async (uri: string, bytes: number) => (await bucket?.has?.(uri, bytes)) === true;
  const isReceipted = async (row: Parameters<typeof readReceipts>[0]) =>
    (await readReceipts(row, receipts)).some(({ sha256 }) => sha256 === row.seal?.sha256);
  return [
    (signal) =>
      sweepSpool({
        ...{ ledger, clock, ageMs: prompt.spoolSeconds * 1000, isStored, signal },
        folder: join(root, 'corrected'),
      }),
    (signal) =>
      sweepBuffer({
        ...{ signal, root, ledger, clock, keepDays: oods.keepDays, minFreeBytes: oods.minFreeMegabytes * 1e6 },
        folder: oods.folder ?? join(root, 'oods'),
        pins: resolve(root, oods.pins),
      }),
    async (signal) => {
      const folder = dbb.folder ?? join(root, 'dbb');
      const options = { folder, receipts, ledger, clock, isReceipted, overdueHours: dbb.receiptHours, signal };
      const { overdue } = await sweepReceipted(options);
      if (overdue !== undefined && !wasOverdue) tell(overdue);
      wasOverdue = overdue !== undefined;
    },
  ];
}
