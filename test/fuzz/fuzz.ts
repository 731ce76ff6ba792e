import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArchiverError } from '../../src/model/errors.js';
import { Random } from '../chaos/random.js';
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
  readonly findings: number;
  /** Inputs that ended in a result; the others ended in an ArchiverError. */
  readonly accepted: number;
  /** What was found, with the file that holds its input. */
  readonly found: readonly string[];
}

const SHOWN = 10;
const pristine = Object.getOwnPropertyNames(Object.prototype).sort().join();

/** Mutates the seeds of a target again and again; the same seed gives the same inputs. Inputs that break something are kept in `folder`. */
export async function fuzz(target: FuzzTarget, limits: FuzzLimits, folder: string): Promise<FuzzResult> {
  const random = new Random(limits.seed);
  const began = performance.now();
  const found: string[] = [];
  let [executions, accepted] = [0, 0];
  while (executions < limits.runs && performance.now() - began < limits.seconds * 1000 && found.length < SHOWN) {
    const input = mutate(random.pick(target.seeds), random.pick(target.seeds), random);
    executions++;
    const problem = await run(target, input);
    if (problem === undefined) accepted++;
    else if (problem !== 'refused') found.push(`${problem}: ${keep(input, folder, target.name)}`);
  }
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  return { target: target.name, executions, seconds, findings: found.length, accepted, found };
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

function keep(input: Buffer, folder: string, name: string): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}-crash-${createHash('sha256').update(input).digest('hex').slice(0, 16)}`);
  writeFileSync(path, input);
  return path;
}
