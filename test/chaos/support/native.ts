import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../src/model/package.js';

/** Path of a library of test/chaos/shim, built when its source has changed. */
export const builtLibrary = (name: string) => built(name, '.so', ['-shared', '-fPIC']);

/** Path of a program of test/chaos/shim. */
export const builtProgram = (name: string) => built(name, '', []);

function built(name: string, ending: string, flags: readonly string[]): string {
  const source = join(packageRoot(), 'test/chaos/shim', `${name}.cpp`);
  const hash = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 16);
  const folder = join(packageRoot(), 'build/chaos');
  const output = join(folder, `${name}-${hash}${ending}`);
  if (existsSync(output)) return output;
  mkdirSync(folder, { recursive: true });
  const fresh = `${output}.${process.pid}`;
  const { status, stderr } = spawnSync('g++', ['-std=c++20', '-O2', ...flags, '-o', fresh, source, '-ldl'], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${source} does not build:\n${stderr}`);
  renameSync(fresh, output);
  return output;
}
