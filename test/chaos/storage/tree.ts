import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Folders whose names consumers see. */
export const NAMED = ['archive', 'corrected', 'oods', 'dbb', 'bucket'] as const;

/** Paths below the root of every file in the folders that consumers see, with its SHA-256. */
export function digestsBelow(root: string): Map<string, string> {
  return new Map(
    NAMED.flatMap((folder) => pathsBelow(join(root, folder))).map((path) => [relative(root, path), digestOf(path)]),
  );
}

export function pathsBelow(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch {
    return []; // not made yet
  }
}

export function digestOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
