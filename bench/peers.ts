import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { distFile, packageRoot } from '../src/model/package.js';
import type { Entry } from './cases.js';
import { type Contender, contender, type Need } from './contenders.js';
import { paths } from './inputs.js';
import type { TrialSpec } from './types.js';

/** Debian's python comes first, because Debian's modules are installed for it. */
const PYTHONS = ['/usr/bin/python3', 'python3'] as const;
/** -O3 for AVX2 and FMA: what a careful user of C would build; the library is Debian's own. */
const C_FLAGS = ['-O3', '-march=x86-64-v3', '-ffp-contract=off'] as const;
const PEERS = join(packageRoot(), 'bench', 'peers');
const BUILT = join(packageRoot(), 'build', 'peers');

/** What a machine lacks to run a contender, as a sentence for the report; undefined when it can run. */
export function missing(entry: Entry): string | undefined {
  const lacking = contender(entry.contender).needs.filter((need) => !has(need));
  if (lacking.length === 0) return undefined;
  return `install the package ${lacking.map((need) => need.package).join(' and ')}`;
}

/** The command line of one trial. Programs are built when their sources are newer than they are. */
export function commandOf(spec: TrialSpec, entry: Entry, inputFile: string): readonly [string, ...string[]] {
  const { kind, files } = contender(entry.contender);
  if (kind === 'ours') return [process.execPath, distFile('bench/trial.js'), JSON.stringify(spec)];
  const flags = [
    `mode=${files[0] === 'floor.c' ? spec.contender : spec.case}`,
    `input=${inputFile}`,
    `out=${spec.out}`,
    `keep=${Number(spec.keep)}`,
    `both=${Number(spec.variant === 'both')}`,
    `warmups=${spec.warmups}`,
    `iterations=${spec.iterations}`,
  ];
  if (kind === 'python') return [python('numpy') ?? 'python3', join(PEERS, files[0] ?? ''), ...flags];
  return [build(contender(entry.contender)), ...flags];
}

/** The file that a peer of this case reads. */
export function peerInput(spec: TrialSpec): string {
  const { inputs, case: name, contender: who, variant } = spec;
  if (who === 'o-direct-write') return paths.sizes(inputs, { name, variant });
  if (name === 'checksum') return paths.checksum(inputs);
  if (who === 'memcpy') return paths.pixels(inputs);
  return paths.peer(inputs, name === 'raft-disk' ? 'raft' : 'ccd', variant);
}

function has({ kind, name }: Need): boolean {
  if (kind === 'command') return spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0;
  if (kind === 'module') return python(name) !== undefined;
  const source = `#include <stddef.h>\n#include <${name}>\n`;
  return spawnSync('gcc', ['-E', '-x', 'c', '-'], { input: source, stdio: ['pipe', 'ignore', 'ignore'] }).status === 0;
}

function python(module: string): string | undefined {
  return PYTHONS.find((one) => spawnSync(one, ['-c', `import ${module}`], { stdio: 'ignore' }).status === 0);
}

function build({ files, libraries = [] }: Contender): string {
  const program = join(BUILT, (files[0] ?? '').replace(/\.c$/, ''));
  const sources = files.map((file) => join(PEERS, file));
  const headers = ['spec.h', 'pixels.h'].map((file) => join(PEERS, file));
  if (existsSync(program)) {
    const built = statSync(program).mtimeMs;
    if ([...sources, ...headers].every((file) => statSync(file).mtimeMs < built)) return program;
  }
  mkdirSync(BUILT, { recursive: true });
  const fresh = `${program}.${process.pid}`;
  const flags = [...C_FLAGS, '-o', fresh, ...sources, ...libraries.map((library) => `-l${library}`)];
  const compiled = spawnSync('gcc', flags, { encoding: 'utf8' });
  if (compiled.status !== 0) throw new Error(`gcc failed to build ${program}: ${compiled.stderr}`);
  renameSync(fresh, program);
  return program;
}
