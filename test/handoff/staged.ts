import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { StagedFile } from '../../src/handoff/port.js';
import { digestFile } from '../../src/model/digest.js';
import { type FileId, relativeBase } from '../../src/model/ids.js';
import { fileId } from '../stage/records.js';
import { summingBytes } from '../support/summing-bytes.js';

/** Digests for a DbbTarget on this thread. */
export const READER = { digest: digestFile, close: async () => undefined };

/** Spans several chunks of the copy loop and ends within one. */
export const BYTES = 2 * 1024 * 1024 + 2880;

export const digest = (path: string, name = 'sha256') => createHash(name).update(readFileSync(path)).digest('hex');

/** A file in the archive of a data root, as the assembler leaves it, ready to be handed off. */
export function stage(root: string, id: FileId = fileId('S11'), bytes = BYTES): StagedFile {
  const relative = relativeBase('LSSTComCam', id);
  const base = join(root, id.product === 'raw' ? 'archive' : 'corrected', relative);
  mkdirSync(dirname(base), { recursive: true });
  for (const [path, content] of [
    [`${base}.json`, JSON.stringify({ OBSID: id.obsid, GROUPID: 'g' })],
    [`${base}.fits`, summingBytes(bytes)],
  ] as const) {
    writeFileSync(path, content);
    chmodSync(path, 0o444);
  }
  const path = `${base}.fits`;
  return {
    id,
    path,
    sidecarPath: `${base}.json`,
    relative,
    bytes,
    seal: { sha256: digest(path), md5: digest(path, 'md5') },
    groupId: 'g',
    snap: 0,
  };
}

/** Files below a folder, by their paths relative to it. */
export function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

export const inode = (path: string) => statSync(path).ino;
export const mode = (path: string) => statSync(path).mode & 0o777;
