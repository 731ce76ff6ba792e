import { readdir, rmdir, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { Clock } from '../model/clock.js';
import { ArchiverError } from '../model/errors.js';
import type { FileRow, LedgerView } from '../stage/port.js';
import { type HandedOffImage, handedOffFiles, handedOffImages } from './handed-off.js';
import { removeFile } from './remove.js';

export interface ReceiptedOptions {
  /** The hand-off folder of the Data Backbone; nothing outside it is ever removed. */
  readonly folder: string;
  readonly ledger: Pick<LedgerView, 'image'>;
  readonly clock: Clock;
  /** Where receipts are, in the layout of the hand-off folder. */
  readonly receipts: string;
  /** Ends early when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Whether a consumer says that it holds the bytes with this file's sealed SHA-256. */
  readonly isReceipted: (row: FileRow) => Promise<boolean>;
  /** Hours after which a file without a receipt is overdue; 0: never. */
  readonly overdueHours: number;
}

export interface ReceiptedSweep {
  readonly removed: number;
  /** RECEIPT_OVERDUE: files stay, however long they wait. */
  readonly overdue: ArchiverError | undefined;
}

/**
 * Takes the hand-off names away of files that the Data Backbone has, by a receipt with our digest. Age alone removes nothing.
 * @throws ArchiverError FOLDER_UNWRITABLE, WRITE_FAILED
 */
export async function sweepReceipted(options: ReceiptedOptions): Promise<ReceiptedSweep> {
  const { folder, ledger, isReceipted } = options;
  const late: string[] = [];
  let removed = 0;
  for await (const image of handedOffImages(folder)) {
    if (options.signal?.aborted) break;
    if (options.overdueHours === 0 && !(await hasReceipts(image, options))) continue; // the ledger has other work
    for (const { path, row } of await handedOffFiles(image, ledger, { target: 'dbb', product: 'raw' })) {
      if (await isReceipted(row)) {
        await removeFile(path);
        removed++;
      } else if (await isLate(path, options)) late.push(path);
    }
    await rmdir(dirname(image.path)).catch(() => undefined); // its day, unless it has other images
  }
  return { removed, overdue: overdueError(late, options.overdueHours) };
}

async function hasReceipts({ path }: HandedOffImage, { folder, receipts }: ReceiptedOptions): Promise<boolean> {
  return (await readdir(join(receipts, relative(folder, path))).catch(() => [])).length > 0;
}

async function isLate(path: string, { clock, overdueHours }: ReceiptedOptions): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return overdueHours > 0 && found !== undefined && clock.nowUtcMs() - found.mtimeMs >= overdueHours * 3_600_000;
}

function overdueError([path, ...others]: readonly string[], hours: number): ArchiverError | undefined {
  if (path === undefined) return undefined;
  return new ArchiverError('RECEIPT_OVERDUE', { actual: others.length + 1, seconds: hours * 3600, path });
}
