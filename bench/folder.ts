import { existsSync, mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ArchiverError } from '../src/model/errors.js';

/** File systems in memory, by their numbers in statfs(2): what is written there never reaches a disk. */
const IN_MEMORY: Readonly<Record<number, string>> = { 16914836: 'tmpfs', 2240043254: 'ramfs' };
/** Marks a folder as the benchmark's own, so that it may be emptied. */
const MARK = '.ccarchiver-bench';

/**
 * The folder that the benchmark works in, made if need be.
 * @throws ArchiverError USAGE when it is in memory, or holds something else
 */
export function benchFolder(path: string): string {
  const folder = resolve(path);
  if (existsSync(folder) && readdirSync(folder).length > 0 && !existsSync(join(folder, MARK))) {
    throw usage(`${folder} holds something else; choose another --folder`);
  }
  const memory = IN_MEMORY[statfsSync(existingAbove(folder)).type];
  if (memory !== undefined) {
    throw usage(`${folder} is on ${memory}, in memory; choose a --folder on a disk, or nothing durable is measured`);
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, MARK), '');
  return folder;
}

/** The folder itself or the nearest one above that exists. */
function existingAbove(folder: string): string {
  return existsSync(folder) ? folder : existingAbove(dirname(folder));
}

/** Removes what the trials made; pictures and reports stay. */
export function cleanFolder(folder: string, keepInputs: boolean): void {
  rmSync(join(folder, 'trials'), { recursive: true, force: true });
  if (!keepInputs) rmSync(join(folder, 'inputs'), { recursive: true, force: true });
}

export function usage(problem: string): ArchiverError {
  return new ArchiverError('USAGE', { problem, command: 'bench' });
}
