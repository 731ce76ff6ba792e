import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { digestFile } from '../model/digest.js';
import { ArchiverError, asArchiverError, type ErrorData } from '../model/errors.js';
import type { FileRow, LedgerView } from '../stage/port.js';

/** One place where a file of the ledger should stand: the archive (or the spool), or a target that has it. */
export interface Copy {
  /** Name of the target; undefined for the archive's own file. */
  readonly target?: string;
  readonly path: string;
  /** sound: its size and SHA-256 are those of the ledger; consumed: a consumer moved or removed it, as it may. */
  readonly state: 'sound' | 'damaged' | 'missing' | 'consumed';
  /** Device and inode, so that names of the same bytes are told from copies; undefined when nothing stands there. */
  readonly inode?: string;
  readonly error?: ErrorData;
}

export interface FileAudit {
  readonly row: FileRow;
  /** The archive's own file first. */
  readonly copies: readonly Copy[];
  /** The file stands in the archive, its sidecar does not. */
  readonly missingSidecar?: ErrorData;
  /** The archive's own file, or the spool's that is not delivered yet, is damaged or missing. */
  readonly isDamaged: boolean;
  /** Damaged, and no sound copy is left on this machine. */
  readonly isLost: boolean;
}

const ALL_IMAGES = 2 ** 31;

/** Nothing of the file is damaged or missing, in the archive and where its targets still have it. */
export function isSound({ copies, isDamaged, missingSidecar }: FileAudit): boolean {
  return !isDamaged && missingSidecar === undefined && copies.every(({ state }) => state !== 'damaged');
}

/**
 * Reads every file that the ledger acknowledged, and every delivered copy that is still there, from disk and compares it with the sealed SHA-256; a
 * file that is not sealed yet with its size. The sidecar must stand beside it. Oldest image first.
 * @throws ArchiverError DESCRIPTORS_EXHAUSTED: what cannot be read now is not called damaged
 */
export async function* auditLedger(root: string, ledger: LedgerView): AsyncGenerator<FileAudit> {
  const images = await ledger.images(ALL_IMAGES);
  for (const { files } of images.reverse()) {
    for (const row of files) if (row.state !== 'failed') yield await auditFile(root, row);
  }
}

export async function auditFile(root: string, row: FileRow): Promise<FileAudit> {
  const own = await lookAt(row, join(root, row.path));
  const delivered = row.deliveries.filter(
    ({ state, uri }) => state === 'delivered' && uri?.startsWith('file:') === true,
  );
  const others: Copy[] = [];
  for (const { target, uri } of delivered) others.push(await lookAtTarget(row, target, fileURLToPath(uri ?? '')));
  const isSwept = row.file.product === 'corrected' && own.state === 'missing' && delivered.length > 0;
  const archive: Copy = isSwept ? { path: own.path, state: 'consumed' } : own;
  const isDamaged = archive.state === 'damaged' || archive.state === 'missing';
  const isLost = isDamaged && !others.some(({ state }) => state === 'sound');
  const sidecar = join(root, row.sidecarPath);
  const isAlone = archive.state === 'sound' && (await inodeOf(sidecar)).inode === undefined;
  const missingSidecar = isAlone
    ? { missingSidecar: new ArchiverError('FILE_MISSING', { path: sidecar }).toData() }
    : {};
  return { row, copies: [archive, ...others], ...missingSidecar, isDamaged, isLost };
}

async function lookAtTarget(row: FileRow, target: string, path: string): Promise<Copy> {
  const found = await lookAt(row, path);
  return { ...found, target, state: found.state === 'missing' ? 'consumed' : found.state };
}

async function lookAt(row: FileRow, path: string): Promise<Copy> {
  const inode = await inodeOf(path);
  try {
    const { sha256 } = await digestFile(path, ['sha256'], row.bytes);
    const expected = row.seal?.sha256 ?? sha256;
    if (sha256 !== expected) throw new ArchiverError('DIGEST_MISMATCH', { path, actual: sha256, expected });
    return { path, state: 'sound', ...inode };
  } catch (thrown) {
    const error = asArchiverError(thrown);
    if (error.retryable) throw error;
    return { path, state: error.code === 'FILE_MISSING' ? 'missing' : 'damaged', error: error.toData(), ...inode };
  }
}

async function inodeOf(path: string): Promise<{ inode?: string }> {
  return await stat(path).then(
    ({ dev, ino }) => ({ inode: `${dev}:${ino}` }),
    () => ({}),
  );
}
