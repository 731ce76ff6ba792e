import { ArchiverError } from '../../src/model/errors.js';
import { Random } from '../chaos/random.js';
import { HangWatch } from './hang-watch.js';
import { keepInput } from './kept-input.js';
import { mutate } from './mutator.js';
import { type FuzzTarget, LIMIT_MS } from './target.js';

export interface FuzzLimits {
  readonly seed: number;
  readonly runs: number;
  readonly seconds: number;
}

export interface FuzzResult {
  readonly target: string;
  readonly executions: number;
  readonly seconds: number;
  /** What ended it: the count or the time that was asked for, or so many findings that more would tell nothing new. */
  readonly ended: 'runs' | 'seconds' | 'findings';
  readonly findings: number;
  /** Inputs that ended in a result; the others ended in an ArchiverError. */
  readonly accepted: number;
  /** What was found, with the file that holds its input. */
  readonly found: readonly string[];
}

const MOST_FINDINGS = 10;
/** An execution that takes so long never ends. */
const HANG_MS = 20_000;
const pristine = Object.getOwnPropertyNames(Object.prototype).sort().join();

/** Mutates the seeds of a target again and again; the same seed gives the same inputs. Inputs that break something are kept in `folder`. */
export async function fuzz(target: FuzzTarget, limits: FuzzLimits, folder: string): Promise<FuzzResult> {
  const random = new Random(limits.seed);
  const began = performance.now();
  const found: string[] = [];
  const watch = await HangWatch.start({ target: target.name, folder, mostMs: HANG_MS });
  let [executions, accepted] = [0, 0];
  const end = (): FuzzResult['ended'] | undefined => {
    if (found.length >= MOST_FINDINGS) return 'findings';
    if (executions >= limits.runs) return 'runs';
    return performance.now() - began >= limits.seconds * 1000 ? 'seconds' : undefined;
  };
  let ended = end();
  for (; ended === undefined; ended = end()) {
    const input = mutate(random.pick(target.seeds), random.pick(target.seeds), random);
    executions++;
    watch.begin(input);
    const problem = await run(target, input);
    if (problem === undefined) accepted++;
    else if (problem !== 'refused') found.push(`${problem}: ${keepInput(input, folder, target.name)}`);
  }
  await watch.close();
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  return { target: target.name, executions, seconds, ended, findings: found.length, accepted, found };
}

/** @returns undefined for a result, 'refused' for an ArchiverError, else what is wrong */
async function run(target: FuzzTarget, input: Buffer): Promise<string | undefined> {
  const start = performance.now();
  let outcome: string | undefined;
  try {
    await target.run(Buffer.from(input));
  } catch (error) {
    const isOurs = error instanceof ArchiverError && error.code !== 'INTERNAL';
    outcome = isOurs || isNative(error) ? 'refused' : `${(error as Error).stack ?? error}`;
  }
  const ms = performance.now() - start;
  if (ms > LIMIT_MS) return `it took ${ms.toFixed(0)} ms`;
  if (Object.getOwnPropertyNames(Object.prototype).sort().join() !== pristine) return 'Object.prototype was changed';
  return outcome;
}

/** Errors of the addon carry their code on a plain Error. */
function isNative(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return code === 'RICE_INVALID' || code === 'FITS_INVALID';
}
