import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

let root: string | undefined;

/**
 * Folder that holds this package's package.json: data files, the addon and the compiled worker entries are found from it,
 * whether the caller runs from src/ (tests) or from dist/.
 */
export function packageRoot(): string {
  if (root !== undefined) return root;
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('package.json of ccarchiver not found above its own source files');
    folder = parent;
  }
  root = folder;
  return root;
}

/** Absolute path of a compiled file, e.g. distFile('workers/band.js'); threads and child processes load only these. */
export function distFile(relative: string): string {
  return join(packageRoot(), 'dist', relative);
}

/** Version of this package, e.g. 0.1.0: it stands in headers, so a file is a function of it. */
export function packageVersion(): string {
  return (JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }).version;
}
