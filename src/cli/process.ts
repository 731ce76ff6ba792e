import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { ArchiverError } from '../model/errors.js';
import { distFile } from '../model/package.js';

/** Runs another verb of this program as a process of its own, as a user would. @returns its stdout lines. */
export async function runVerb(args: readonly string[]): Promise<string[]> {
  return runNode([distFile('src/cli/main.js'), ...args], args.slice(0, 2).join(' '));
}

/** Runs a compiled script of the package. @throws ArchiverError INTERNAL when it ends with another code than 0. */
export async function runNode(args: readonly string[], what: string): Promise<string[]> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(line));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  if (code !== 0)
    throw new ArchiverError('INTERNAL', { problem: `"${what}" ended with ${signal ?? `exit code ${code}`}` });
  return lines;
}

export interface Served {
  readonly address: string;
  stop(): Promise<void>;
}

/** Starts `daq serve` and waits for the line that says where it listens. */
export async function startDaq(args: readonly string[]): Promise<Served> {
  const command = [distFile('src/cli/main.js'), 'daq', 'serve', ...args];
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const line = await Promise.race([firstLine(child), exited.then(() => undefined)]);
  if (line === undefined) throw new ArchiverError('INTERNAL', { problem: '"daq serve" ended before it listened' });
  const { listening } = JSON.parse(line) as { listening: string };
  return {
    address: listening,
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

async function firstLine(child: ChildProcess): Promise<string | undefined> {
  if (child.stdout === null) return undefined;
  for await (const line of createInterface({ input: child.stdout })) return line;
  return undefined;
}
