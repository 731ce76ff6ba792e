import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/model/package.js';
import type { ChaosCase, ChaosFindings, Size } from './case.js';
import { missingOf } from './needs.js';
import { Random } from './random.js';
import type { Result } from './results.js';

export interface Part {
  readonly first: number;
  readonly count: number;
}

export interface RunPart {
  readonly chaosCase: ChaosCase;
  readonly part: Part;
  /** Units of the whole run, of which this is a part. */
  readonly of: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly say: (text: string) => void;
}

/** Units of a case that the i-th of n shards has, without gap or overlap. */
export function shardPart(units: number, { index, of }: { readonly index: number; readonly of: number }): Part {
  const first = Math.floor((units * index) / of);
  return { first, count: Math.floor((units * (index + 1)) / of) - first };
}

/** What is left of a part after what the results of the same commit hold of it; they are in order, as one process writes them. */
export function remaining(part: Part, done: readonly Result[], name: string, seed: number): Part {
  let { first } = part;
  const end = part.first + part.count;
  for (const result of done) {
    if (result.case === name && result.seed === seed && result.first === first && result.notRun === undefined) {
      first += result.units;
    }
  }
  return { first: Math.min(first, end), count: Math.max(0, end - first) };
}

/** How many units of a full run are done before they are kept in the results file. */
export function chunkOf(units: Readonly<Record<Size, number>>): number {
  return Math.max(1, units.all);
}

/** Runs one part of a case in a folder of its own, which stays when something was violated. */
export async function runPart(run: RunPart): Promise<Result> {
  const { chaosCase, part, seed } = run;
  const start = performance.now();
  const missing = missingOf(chaosCase.needs);
  const common = { case: chaosCase.name, seed, commit: commit(), unit: chaosCase.unit, first: part.first };
  if (missing !== undefined) {
    return { ...common, units: 0, seconds: 0, notRun: missing, counts: {}, ms: {}, violations: [] };
  }
  const findings = await findingsOf(run);
  const violations = [...findings.violations];
  const { control } = findings;
  if (control?.lost === 0) violations.push(`the control lost nothing of ${control.exposed}: this run proves nothing`);
  return {
    ...common,
    units: part.count,
    seconds: Math.round((performance.now() - start) / 100) / 10,
    counts: findings.counts,
    ms: findings.ms ?? {},
    violations,
    ...(control === undefined ? {} : { control }),
  };
}

async function findingsOf({ chaosCase, part, of, seed, signal, say }: RunPart): Promise<ChaosFindings> {
  const folder = newFolder(chaosCase.name);
  // A part has a schedule of its own, so that it is the same whatever ran before it.
  const random = new Random(seed * 1_000_003 + part.first);
  let isSound = false;
  try {
    const findings = await chaosCase.run({ seed, random, units: { ...part, of }, folder, signal, say });
    isSound = findings.violations.length === 0;
    return findings;
  } finally {
    if (isSound) rmSync(folder, { recursive: true, force: true });
    else say(`what was found is kept in ${folder}`);
  }
}

function newFolder(name: string): string {
  const below = join(packageRoot(), 'data', 'chaos');
  mkdirSync(below, { recursive: true });
  return mkdtempSync(join(below, `${name}-`));
}

let known: string | undefined;

/** What is tested: the commit, with `-dirty` when files differ from it. */
export function commit(): string {
  const args = ['describe', '--always', '--dirty', '--exclude', '*'];
  known ??= spawnSync('git', args, { cwd: packageRoot(), encoding: 'utf8' }).stdout?.trim();
  return known || 'unknown';
}
