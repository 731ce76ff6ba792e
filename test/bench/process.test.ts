import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runTrial } from '../../bench/process.js';

const NEVER = new AbortController().signal;

/** A shell that leaves a child behind and prints a result that names it. */
const LEAVES_A_CHILD = `sleep 300 & echo '{"ms":[1],"peakRssBytes":1,"figures":{"child":'$!'}}'`;

describe('a trial', () => {
  it('gives the last line that it printed', async () => {
    const result = await runTrial(['/bin/sh', '-c', `echo noise; echo '{"ms":[1,2],"peakRssBytes":3}'`], NEVER);
    expect(result).toEqual({ ms: [1, 2], peakRssBytes: 3 });
  });

  it('leaves nothing running', async () => {
    const { figures } = await runTrial(['/bin/sh', '-c', LEAVES_A_CHILD], NEVER);
    await expect.poll(() => runs(figures?.child ?? 0)).toBe(false);
  });

  it('fails with the end of what it said, or because it could not be started', async () => {
    await expect(runTrial(['/bin/sh', '-c', 'echo no disk >&2; exit 3'], NEVER)).rejects.toThrow(
      /ended with 3: no disk/,
    );
    await expect(runTrial(['/nowhere/program'], NEVER)).rejects.toThrow(/ENOENT/);
  });

  it('ends when the run is interrupted', async () => {
    const stop = new AbortController();
    const trial = runTrial(['/bin/sh', '-c', 'sleep 300'], stop.signal);
    stop.abort();
    await expect(trial).rejects.toThrow(/aborted/);
  });
});

function runs(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
