import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readFits } from '../fits/reader.js';
import { sidecarPath, verifySidecar } from '../fits/verify-sidecar.js';
import { digestFile } from '../model/digest.js';
import { ArchiverError, asArchiverError, type ErrorData } from '../model/errors.js';
import type { FileRow, LedgerView } from '../stage/port.js';
import { readReceipts } from './receipts.js';

/** One place where a file of the ledger should stand: the archive (or the spool), or a target that has it. */
export interface Copy {
  /** Name of the target, or `receipt <site>` of a copy that a consumer's receipt names; undefined for the archive's own file. */
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
  /** The file stands in the archive, and its sidecar does not, or says something else. */
  readonly badSidecar?: ErrorData;
  /** The archive's own file, or the spool's that is not delivered yet, is damaged or missing. */
  readonly isDamaged: boolean;
  /** Damaged, and no sound copy is left on this machine. */
  readonly isLost: boolean;
}

/** Of a page of the ledger: a night has a thousand. */
const IMAGES_AT_ONCE = 50;

/** Nothing of the file is damaged or missing, in the archive and where its targets still have it. */
export function isSound({ copies, isDamaged, badSidecar }: FileAudit): boolean {
  return !isDamaged && badSidecar === undefined && copies.every(({ state }) => state !== 'damaged');
}

/** Which copies there may be besides the archive's and the targets'. */
export interface AuditOptions {
  readonly root: string;
  /** Folder of the consumers' receipts (docs/receipts.md). */
  readonly receipts: string;
}

/**
 * Reads every file that the ledger acknowledged, and every delivered copy that is still there, from disk and compares it with the sealed SHA-256; a
 * file that is not sealed yet with its size. The sidecar must stand beside it and repeat its header. Newest image first, a page of the ledger at a time.
 * @throws ArchiverError DESCRIPTORS_EXHAUSTED: what cannot be read now is not called damaged
 */
export async function* auditLedger(
  ledger: Pick<LedgerView, 'images'>,
  options: AuditOptions,
): AsyncGenerator<FileAudit> {
  for (let before: string | undefined; ; ) {
    const images = await ledger.images(IMAGES_AT_ONCE, before);
    for (const { files } of images)
      for (const row of files) if (row.state !== 'failed') yield await auditFile(row, options);
    before = images.at(-1)?.obsid;
    if (before === undefined) return;
  }
}

export async function auditFile(row: FileRow, { root, receipts }: AuditOptions): Promise<FileAudit> {
  const own = await lookAt(row, join(root, row.path));
  const delivered = row.deliveries.filter(
    ({ state, uri }) => state === 'delivered' && uri?.startsWith('file:') === true,
  );
  const others: Copy[] = [];
  for (const { target, uri } of delivered) others.push(await lookAtTarget(row, target, fileURLToPath(uri ?? '')));
  const isSwept = row.file.product === 'corrected' && own.state === 'missing' && delivered.length > 0;
  const archive: Copy = isSwept ? { path: own.path, state: 'consumed' } : own;
  const isDamaged = archive.state === 'damaged' || archive.state === 'missing';
  // Consumers' own copies are somebody else's disks: they are looked at when they are needed.
  const held = isDamaged ? await readReceipts(row, receipts) : [];
  for (const { site, path } of held) others.push(await lookAtTarget(row, `receipt ${site}`, path));
  const isLost = isDamaged && !others.some(({ state }) => state === 'sound');
  const badSidecar = archive.state === 'sound' ? await lookAtSidecar(archive.path, row) : undefined;
  return { row, copies: [archive, ...others], ...(badSidecar === undefined ? {} : { badSidecar }), isDamaged, isLost };
}

/** What is wrong with the sidecar of a file that is sound: by the sealed digest, or where none is known by the header that it repeats. */
export async function lookAtSidecar(path: string, row: FileRow): Promise<ErrorData | undefined> {
  const expected = row.seal?.sidecarSha256;
  if (expected === undefined) return compareWithHeader(path);
  try {
    const sidecar = sidecarPath(path);
    const { sha256: actual } = await digestFile(sidecar, ['sha256']);
    return actual === expected
      ? undefined
      : new ArchiverError('DIGEST_MISMATCH', { path: sidecar, actual, expected }).toData();
  } catch (thrown) {
    const error = asArchiverError(thrown);
    if (error.retryable) throw error;
    return error.toData();
  }
}

function compareWithHeader(path: string): ErrorData | undefined {
  const file = readFits(path);
  try {
    const [primary] = file.hdus;
    const problems = primary === undefined ? [] : verifySidecar(primary);
    return (problems ?? [new ArchiverError('FILE_MISSING', { path: sidecarPath(path) })])[0]?.toData();
  } finally {
    file.close();
  }
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

/** Device and inode of what stands under a name. */
export async function inodeOf(path: string): Promise<{ inode?: string }> {
  return await stat(path).then(
    ({ dev, ino }) => ({ inode: `${dev}:${ino}` }),
    () => ({}),
  );
}
