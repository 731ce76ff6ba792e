import { type Quantiles, quantiles } from '../../src/telemetry/quantiles.js';
import type { ChaosCase } from './case.js';
import { addCounts, bound95, type Result } from './results.js';

const out = (record: object) => process.stdout.write(`${JSON.stringify(record)}\n`);
/** Violations that are printed in full; all of them are counted. */
const SHOWN = 20;

export function printList(cases: readonly ChaosCase[], json: boolean): void {
  for (const { name, promise, units, unit, needs } of cases) {
    if (json) out({ case: name, promise, units, unit, needs });
    else process.stdout.write(`${name.padEnd(18)} ${promise}\n`);
  }
}

export function printResult({ promise }: ChaosCase, result: Result, json: boolean): void {
  const { ms, violations, ...rest } = result;
  const quantilesOf = quantilesByName(ms);
  const shown = violations.slice(0, SHOWN);
  if (json) {
    const bound = bound95(result.counts);
    out({ ...rest, promise, ms: quantilesOf, violations: violations.length, shown, bound95: bound });
    return;
  }
  const counts = Object.entries(result.counts).map(([name, count]) => `${name} ${count}`);
  const times = Object.entries(quantilesOf).map(([name, q]) => `${name} p50 ${q.p50} p99 ${q.p99} max ${q.max} ms`);
  const control =
    result.control === undefined ? [] : [`control lost ${result.control.lost} of ${result.control.exposed}`];
  const verdict =
    result.notRun !== undefined ? `not run: ${result.notRun}` : violations.length === 0 ? 'ok' : 'VIOLATED';
  const facts = [`${result.units} ${result.unit}`, ...counts, ...times, ...control, `${result.seconds} s`];
  process.stdout.write(`${result.case.padEnd(18)} ${verdict}; ${facts.join(', ')}\n`);
  for (const violation of shown) process.stdout.write(`  ${violation}\n`);
}

function quantilesByName(ms: Result['ms']): Record<string, Quantiles> {
  const known = Object.entries(ms).flatMap(([name, all]) => {
    const found = quantiles(all);
    return found === undefined ? [] : [[name, found] as const];
  });
  return Object.fromEntries(known);
}

export function printSummary(results: readonly Result[], json: boolean): void {
  const counts = results.reduce<Record<string, number>>((sum, result) => addCounts(sum, result.counts), {});
  const { exposed = 0, lost = 0, partialNames = 0, duplicateEffects = 0 } = counts;
  const violations = results.reduce((sum, result) => sum + result.violations.length, 0);
  const notRun = results.flatMap(({ case: name, notRun: reason }) =>
    reason === undefined ? [] : [`${name}: ${reason}`],
  );
  const bound = bound95(counts);
  if (json) {
    const cases = results.length - notRun.length;
    out({ summary: true, cases, notRun, exposed, lost, partialNames, duplicateEffects, violations, bound95: bound });
    return;
  }
  const upper = bound === null ? 'no bound' : `95 % bound ${bound.toExponential(1)}`;
  const figures = `${exposed} acknowledged deliveries exposed, ${lost} lost (${upper}), ${partialNames} partial names`;
  process.stdout.write(`\n${figures}, ${duplicateEffects} duplicate effects, ${violations} violations\n`);
  for (const reason of notRun) process.stdout.write(`not run: ${reason}\n`);
}
