import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ChaosFindings } from './case.js';

/** One run of one case, or of a part of it. */
export interface Result {
  readonly case: string;
  readonly seed: number;
  readonly commit: string;
  readonly unit: string;
  readonly first: number;
  readonly units: number;
  readonly seconds: number;
  readonly notRun?: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly ms: Readonly<Record<string, readonly number[]>>;
  readonly violations: readonly string[];
  readonly control?: ChaosFindings['control'];
}

/** The results file of a full run: one JSON line each, so that what was done before an interruption stays. */
export class ResultsFile {
  constructor(private readonly path: string) {}

  read(): Result[] {
    if (!existsSync(this.path)) return [];
    const lines = readFileSync(this.path, 'utf8').split('\n');
    return lines.flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Result] : []));
  }

  append(result: Result): void {
    mkdirSync(dirname(this.path), { recursive: true });
    appendFileSync(this.path, `${JSON.stringify(result)}\n`);
  }
}

/** Results of the same case added up, in the order of their first. */
export function summed(results: readonly Result[]): Result[] {
  const byCase = new Map<string, Result>();
  for (const one of results) {
    const before = byCase.get(one.case);
    byCase.set(one.case, before === undefined ? one : sum(before, one));
  }
  return [...byCase.values()];
}

function sum(a: Result, b: Result): Result {
  const control =
    a.control === undefined || b.control === undefined
      ? (a.control ?? b.control)
      : { exposed: a.control.exposed + b.control.exposed, lost: a.control.lost + b.control.lost };
  const names = new Set([...Object.keys(a.ms), ...Object.keys(b.ms)]);
  const { notRun: _, ...rest } = a;
  return {
    ...rest,
    ...(control === undefined ? {} : { control }),
    units: a.units + b.units,
    seconds: a.seconds + b.seconds,
    counts: addCounts(a.counts, b.counts),
    ms: Object.fromEntries([...names].map((name) => [name, [...(a.ms[name] ?? []), ...(b.ms[name] ?? [])]])),
    violations: [...a.violations, ...b.violations],
  };
}

export function addCounts(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Record<string, number> {
  const counts: Record<string, number> = { ...a };
  for (const [name, count] of Object.entries(b)) {
    counts[name] = name.startsWith('max') ? Math.max(counts[name] ?? 0, count) : (counts[name] ?? 0) + count;
  }
  return counts;
}

/** The rule of three: with 95 % confidence the fraction is below 3/n when none of n was lost; null when some were, or n is 0. */
export function bound95(counts: Readonly<Record<string, number>>): number | null {
  const { exposed = 0, lost = 0 } = counts;
  return exposed > 0 && lost === 0 ? 3 / exposed : null;
}
