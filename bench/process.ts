import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TrialResult } from './types.js';

const TIMEOUT_MS = 15 * 60 * 1000;

/**
 * Runs one trial and takes the last line of its stdout for the result. It gets a process group of its own, which ends with it: a server or a pool
 * that it left behind would take time from those that are measured next.
 * @throws when it fails, takes too long, or the signal aborts
 */
export async function runTrial(
  [program, ...args]: readonly [string, ...string[]],
  signal: AbortSignal,
): Promise<TrialResult> {
  signal.throwIfAborted();
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  const end = () => endGroup(child.pid);
  signal.addEventListener('abort', end);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    end();
  }, TIMEOUT_MS);
  try {
    const exited = once(child, 'exit').finally(end);
    const [[code, by]] = (await Promise.all([exited, once(child, 'close')])) as [
      [number | null, string | null],
      unknown,
    ];
    signal.throwIfAborted();
    if (isLate) throw new Error(`it took longer than ${TIMEOUT_MS / 60_000} minutes`);
    if (code !== 0) throw new Error(`its process ended with ${by ?? code}: ${lastLines(output.stderr)}`);
    return JSON.parse(output.stdout.trimEnd().split('\n').at(-1) ?? '') as TrialResult;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}

function endGroup(leader: number | undefined): void {
  if (leader === undefined) return; // it could not be started
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // Nobody of the group is left.
  }
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-4).join(' | ');
}
