import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new empty folder for tests that share it: hand `remove` to afterAll. */
export function keptTempDir(): { readonly path: string; readonly remove: () => void } {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'ccarchiver-test-')));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
