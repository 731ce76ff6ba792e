import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { relativeBase, revisionFolder } from '../model/ids.js';
import { hasCode } from '../model/write-failure.js';
import type { FileRow } from '../stage/port.js';

/** A consumer's word that it holds a file (docs/receipts.md). */
const receipt = z.object({
  receiptVersion: z.literal(1),
  /** Path below the hand-off folder, as the manifest gives it. */
  file: z.string(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  site: z.string().regex(/^[\w-]{1,64}$/),
  /** Where the copy is, as this machine can read it. */
  uri: z.string().startsWith('file:///'),
});

export interface HeldCopy {
  /** Of the bytes that were received, by its own word. */
  readonly sha256: string;
  readonly site: string;
  readonly path: string;
}

/** The copies that receipts name for a file; whether they are it, their bytes must show. What cannot be read as a receipt of this file is left out. */
export async function readReceipts(row: FileRow, folder: string): Promise<HeldCopy[]> {
  const base = join(revisionFolder(row.file), relativeBase(row.instrument, row.file));
  const place = dirname(join(folder, base));
  const names = await readdir(place).catch((error) => {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  });
  const mine = names.filter((name) => name.startsWith(`${basename(base)}.`) && name.endsWith('.json'));
  const held = await Promise.all(mine.map((name) => readReceipt(join(place, name), `${base}.fits`)));
  return held.filter((copy) => copy !== undefined);
}

async function readReceipt(path: string, file: string): Promise<HeldCopy | undefined> {
  const parsed = receipt.safeParse(parsedJson(await readFile(path, 'utf8')));
  if (!parsed.success || parsed.data.file !== file) return undefined;
  const { site, sha256 } = parsed.data;
  return { site, sha256, path: fileURLToPath(parsed.data.uri) };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
