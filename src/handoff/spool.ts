import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../model/clock.js';
import { digestFile } from '../model/digest.js';
import { ccdOfName, type FileId } from '../model/ids.js';
import type { LedgerView } from '../stage/port.js';
import { removeFile } from './remove.js';

export interface SpoolOptions {
  /** Absolute path of the corrected/ folder; nothing outside it is ever removed. */
  readonly folder: string;
  readonly ledger: Pick<LedgerView, 'file'>;
  readonly clock: Clock;
  /** A file stays at least this long after it was written. */
  readonly ageMs: number;
  /** Ends early when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Whether an object of this size stands under a URI that is no file's; undefined when there is no such store. */
  readonly isStored?: ((uri: string, bytes: number) => Promise<boolean>) | undefined;
}

export interface SpoolSweep {
  readonly removed: number;
  /** Files that were not yet delivered everywhere, are too young, or are the last copy. */
  readonly kept: number;
}

/**
 * Removes files of the spool that every target has. A file of which no delivered copy can be found stays: it is the
 * last one.
 * @throws ArchiverError FOLDER_UNWRITABLE, WRITE_FAILED
 */
export async function sweepSpool(options: SpoolOptions): Promise<SpoolSweep> {
  const entries = await readdir(options.folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  let removed = 0;
  let kept = 0;
  for (const path of paths.filter((name) => name.endsWith('.fits'))) {
    if (options.signal?.aborted) break;
    if (await mayGo(path, options)) {
      await removeFile(path);
      removed += 1;
    } else kept += 1;
  }
  return { removed, kept };
}

async function mayGo(path: string, { ledger, clock, ageMs, isStored }: SpoolOptions): Promise<boolean> {
  const id = idOf(path);
  const row = id === undefined ? undefined : await ledger.file(id);
  if (row?.seal === undefined || row.seal === null || row.deliveries.length === 0) return false;
  if (row.deliveries.some((delivery) => delivery.state !== 'delivered')) return false;
  if (clock.nowUtcMs() - (await stat(path)).mtimeMs < ageMs) return false;
  for (const { uri } of row.deliveries) {
    if (uri !== null && (await isCopy(uri, path, row.seal.sha256))) return true;
    if (uri !== null && !uri.startsWith('file:') && (await isStored?.(uri, row.bytes)) === true) return true;
  }
  return false;
}

function idOf(path: string): FileId | undefined {
  const ccd = ccdOfName(basename(path));
  return ccd === undefined ? undefined : { ...ccd, product: 'corrected', version: 1 };
}

/** The same inode under the target's name, or other bytes with the sealed digest. */
async function isCopy(uri: string, path: string, sha256: string): Promise<boolean> {
  if (!uri.startsWith('file:')) return false;
  const delivered = fileURLToPath(uri);
  try {
    const [ours, theirs] = await Promise.all([stat(path), stat(delivered)]);
    if (ours.dev === theirs.dev && ours.ino === theirs.ino) return true;
    return ours.size === theirs.size && (await digestFile(delivered, ['sha256'])).sha256 === sha256;
  } catch {
    return false;
  }
}
