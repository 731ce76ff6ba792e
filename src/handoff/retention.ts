import { readdir, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Clock } from '../model/clock.js';
import { freeBytes } from '../model/free-bytes.js';
import type { LedgerView } from '../stage/port.js';
import { type HandedOffFile, type HandedOffImage, handedOffFiles, handedOffImages } from './handed-off.js';
import { removeFile } from './remove.js';

export interface RetentionOptions {
  /** The buffer's folder; nothing outside it is ever removed. */
  readonly folder: string;
  /** The data root, below which the ledger's paths are. */
  readonly root: string;
  readonly ledger: Pick<LedgerView, 'image'>;
  readonly clock: Clock;
  /** 0: no file goes for its age. */
  readonly keepDays: number;
  /** Bytes that should be free on the buffer's disk; 0: no file goes for room. */
  readonly minFreeBytes: number;
  /** Ends early when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Folder whose files keep the image or the observing day that they are named by. */
  readonly pins: string;
}

const DAY_MS = 86_400_000;

/**
 * Removes from the buffer what is older than its days, and, while its disk has too little room, its oldest copies: a second name of the archive's
 * inode gives no room back. A file goes only while the archive's own stands whole; one that is pinned, or that the ledger did not deliver, stays.
 * @returns how many files were removed
 * @throws ArchiverError FOLDER_UNWRITABLE, WRITE_FAILED
 */
export async function sweepBuffer(options: RetentionOptions): Promise<number> {
  const { folder, ledger, keepDays, minFreeBytes } = options;
  if (keepDays === 0 && minFreeBytes === 0) return 0;
  const pinned = new Set(await readdir(options.pins).catch(() => []));
  let removed = 0;
  for await (const image of handedOffImages(folder)) {
    if (options.signal?.aborted) break;
    const lacksRoom = minFreeBytes > 0 && (await freeBytes(folder)) < minFreeBytes;
    if (!lacksRoom && !mayBeOld(image, options)) return removed; // the rest is younger
    if (pinned.has(image.obsid) || pinned.has(image.dayobs)) continue;
    for (const file of await handedOffFiles(image, ledger, { target: 'oods', product: 'raw' })) {
      if (!(await mayGo(file, lacksRoom, options))) continue;
      await removeFile(file.path);
      removed++;
    }
    await rmdir(dirname(image.path)).catch(() => undefined); // its day, unless it has other images
  }
  return removed;
}

/** An observing day begins at 12:00 UTC, within seconds; none of its files is older. */
function mayBeOld({ dayobs }: HandedOffImage, { clock, keepDays }: RetentionOptions): boolean {
  const begin = Date.parse(`${dayobs.slice(0, 4)}-${dayobs.slice(4, 6)}-${dayobs.slice(6)}T11:59:00Z`);
  return keepDays > 0 && clock.nowUtcMs() - begin >= keepDays * DAY_MS;
}

async function mayGo({ path, row }: HandedOffFile, lacksRoom: boolean, options: RetentionOptions): Promise<boolean> {
  const { root, clock, keepDays } = options;
  const [theirs, ours] = await Promise.all([statOf(path), statOf(join(root, row.path))]);
  if (theirs === undefined || ours?.size !== row.bytes) return false;
  const isOld = keepDays > 0 && clock.nowUtcMs() - theirs.mtimeMs >= keepDays * DAY_MS;
  return isOld || (lacksRoom && theirs.nlink === 1);
}

const statOf = (path: string) => stat(path).catch(() => undefined);
