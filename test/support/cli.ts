import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { distFile, packageRoot } from '../../src/model/package.js';

export interface CliOptions {
  /** Added to the environment of this process; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Milliseconds until the command is killed with SIGKILL; 60 s when not given. */
  readonly timeout?: number;
}

export interface CliResult {
  /** null when a signal ended the command. */
  readonly exit: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the compiled command line (dist, made by `npm run build`) to its end. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const child = startCli(args, options);
  const timer = setTimeout(() => child.kill('SIGKILL'), options.timeout ?? 60_000);
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exit, signal) => {
      clearTimeout(timer);
      resolve({ exit, signal, ...output });
    });
  });
}

/** Several archivers run at once in tests. */
const ANY_PORT = { CCARCHIVER_WEB__PORT: '0' };

/** Starts the compiled command line and leaves it running, for servers and for tests that kill it. The caller ends it. */
export function startCli(args: readonly string[], options: CliOptions = {}): ChildProcess {
  const main = distFile('src/cli/main.js');
  if (!existsSync(main)) throw new Error(`${main} does not exist; run \`npm run build\``);
  return spawn(process.execPath, [main, ...args], {
    cwd: options.cwd ?? packageRoot(),
    env: { ...process.env, ...ANY_PORT, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** The records of a command run with --json: one JSON value per line of stdout. @throws when a line is none */
export function jsonLines(stdout: string): Record<string, unknown>[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
