import { spawnSync } from 'node:child_process';
import { inject } from 'vitest';
import { describeUnless } from './not-run.js';

/** A program of others that reads FITS. `env` holds what must be added to the environment for it to start. */
export interface Oracle {
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
}

export type OracleName = 'fitsverify' | 'fpack' | 'funpack';
export type PythonModule = 'astropy' | 'fitsio';
/** What scripts/oracles.mjs prints; null where a tool cannot be had. */
export type Oracles = Readonly<Record<OracleName, Oracle | null>>;

declare module 'vitest' {
  interface ProvidedContext {
    oracles: Oracles;
  }
}

/** The tool, from PATH or fetched from Debian before the tests began; undefined when this machine cannot have it. */
export function oracle(name: OracleName): Oracle | undefined {
  return inject('oracles')[name] ?? undefined;
}

const pythons = new Map<PythonModule, string | undefined>();

/** The python command that can import the module; Debian's own comes first because Debian's modules are installed for it. */
export function pythonWith(module: PythonModule): string | undefined {
  if (!pythons.has(module)) {
    pythons.set(
      module,
      ['/usr/bin/python3', 'python3'].find((python) => spawnSync(python, ['-c', `import ${module}`]).status === 0),
    );
  }
  return pythons.get(module);
}

export interface OracleOutput {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs an oracle to its end. @throws when it cannot be started */
export function runOracle(tool: Oracle, args: readonly string[]): OracleOutput {
  const env = { ...process.env, ...tool.env };
  const child = spawnSync(tool.command, args, { env, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (child.error) throw child.error;
  return { status: child.status, stdout: child.stdout, stderr: child.stderr };
}

/** Tests that need one tool: skipped, and listed as not run, without it. */
export function describeOracle(name: OracleName, title: string, body: (tool: Oracle) => void): void {
  const tool = oracle(name);
  describeUnless(tool ? undefined : `${name} not found`, title, () => body(tool ?? { command: name, env: {} }));
}

/** Tests that need one python module: skipped, and listed as not run, without it. */
export function describePython(module: PythonModule, title: string, body: (python: string) => void): void {
  const python = pythonWith(module);
  describeUnless(python ? undefined : `python module ${module} not found`, title, () => body(python ?? 'python3'));
}
