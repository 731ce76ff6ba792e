import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface Told {
  /** What the child printed, one value for each line of JSON. */
  readonly lines: readonly Record<string, unknown>[];
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

export interface RunOptions {
  readonly script: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Milliseconds after which the child and its group are killed. */
  readonly limitMs?: number;
  readonly onLine?: (line: Record<string, unknown>, child: ChildProcess) => void;
}

/** Runs a script of the package as leader of its own process group, so that a kill of the group spares the harness. Resolves when its output has ended. */
export async function runChild({
  script,
  args,
  environment = {},
  limitMs = 120_000,
  onLine,
}: RunOptions): Promise<Told> {
  const child = spawn(process.execPath, [script, ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  const limit = setTimeout(() => killGroup(child), limitMs);
  const lines: Record<string, unknown>[] = [];
  let stderr = '';
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  const exit = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  for await (const text of createInterface({ input: child.stdout })) {
    const line = parsed(text);
    if (line === undefined) continue;
    lines.push(line);
    onLine?.(line, child);
  }
  const [code, signal] = await exit;
  clearTimeout(limit);
  return { lines, code, signal, stderr };
}

/** A killed child may leave half a line. */
function parsed(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

export function killGroup(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // it has ended
  }
}
