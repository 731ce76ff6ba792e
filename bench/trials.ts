import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CASES, type Entry } from './cases.js';
import { commandOf, peerInput } from './peers.js';
import { runTrial } from './process.js';
import type { Cpu, TrialResult, TrialSpec, Variant } from './types.js';

/**
 * Large buffers of every contender stand in huge pages, as the product's own pool does: Node's could not ask for them, and C programs would have an
 * advantage that is none of their making. Not where the input comes over a socket: users run the service as it is.
 */
const HUGE_PAGES = ['/usr/bin/env', 'GLIBC_TUNABLES=glibc.malloc.hugetlb=1'] as const;
const QUICK_ITERATIONS = 3;

export interface TrialOptions {
  readonly folder: string;
  readonly quick: boolean;
  readonly headerDelayMs: number;
  readonly signal: AbortSignal;
  /** Tells people how far the run has come. */
  readonly say: (text: string) => void;
}

/** Who is tried: one contender of one case. */
export interface Tried {
  readonly name: string;
  readonly entry: Entry;
  readonly variant: Variant;
  readonly cpu: Cpu | null;
}

/** Starts trials, each in a process and an empty folder of its own. */
export class Trials {
  private count = 0;

  constructor(readonly options: TrialOptions) {}

  /** Its times. */
  async measure(tried: Tried): Promise<TrialResult> {
    const { warmups, iterations } = tried.entry;
    const out = join(this.options.folder, 'trials', String(this.count++));
    const least = this.options.quick ? Math.min(iterations, QUICK_ITERATIONS) : iterations;
    try {
      return await this.run(tried, { out, keep: false, warmups, iterations: least });
    } finally {
      rmSync(out, { recursive: true, force: true });
    }
  }

  /** Its answer, left in `out`. */
  async answer(tried: Tried, out: string): Promise<void> {
    await this.run(tried, { out, keep: true, warmups: 1, iterations: 0 });
  }

  private run(
    { name, entry, variant, cpu }: Tried,
    how: Pick<TrialSpec, 'out' | 'keep' | 'warmups' | 'iterations'>,
  ): Promise<TrialResult> {
    const { folder, headerDelayMs, signal } = this.options;
    mkdirSync(how.out, { recursive: true });
    const { contender } = entry;
    const inputs = join(folder, 'inputs');
    const spec: TrialSpec = { case: name, contender, variant, cpu, inputs, headerDelayMs, ...how };
    const command = commandOf(spec, entry, peerInput(spec));
    return runTrial(CASES[name]?.from === 'memory' ? [...HUGE_PAGES, ...command] : command, signal);
  }
}
