import { join } from 'node:path';
import { packageRoot } from '../../src/model/package.js';
import { readArguments } from './arguments.js';
import type { ChaosCase } from './case.js';
import { CASES } from './cases.js';
import { printList, printResult, printSummary } from './report.js';
import { type Result, ResultsFile, summed } from './results.js';
import { chunkOf, commit, type Part, remaining, runPart, shardPart } from './runner.js';

const args = readArguments(process.argv.slice(2));
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
process.once('SIGTERM', () => stop.abort());
const file = new ResultsFile(join(packageRoot(), 'data', 'chaos', 'results.ndjson'));

if (args.list) printList(CASES, args.json);
else process.exitCode = await main();

async function main(): Promise<number> {
  const unknown = args.cases.find((name) => !CASES.some((one) => one.name === name));
  if (unknown !== undefined) {
    process.stderr.write(`error: no case "${unknown}"; --list shows them\n`);
    return 2;
  }
  const chosen = CASES.filter(({ name }) => args.cases.length === 0 || args.cases.includes(name));
  const results: Result[] = [];
  for (const chaosCase of chosen) results.push(...(await runCase(chaosCase)));
  const all = args.size === 'full' ? summed(kept()) : results;
  printSummary(all, args.json);
  return all.some(({ violations }) => violations.length > 0) ? 1 : 0;
}

/** A bound is of one program: what another commit was shown to hold is another matter. */
function kept(): Result[] {
  return file.read().filter((result) => result.commit === commit());
}

/** A full run is kept in parts; the others are one part. */
async function runCase(chaosCase: ChaosCase): Promise<Result[]> {
  const units = args.units ?? chaosCase.units[args.size];
  let left: Part = shardPart(units, args.shard);
  if (args.resume) left = remaining(left, kept(), chaosCase.name, args.seed);
  const chunk = args.size === 'full' ? chunkOf(chaosCase.units) : left.count;
  const results: Result[] = [];
  while (left.count > 0 && !stop.signal.aborted) {
    const part = { first: left.first, count: Math.min(chunk, left.count) };
    const result = await runPart({
      chaosCase,
      part,
      of: units,
      seed: args.seed,
      signal: stop.signal,
      say: (text) => process.stderr.write(`${chaosCase.name}: ${text}\n`),
    });
    if (stop.signal.aborted) break; // a part that was cut short counts for nothing
    if (args.size === 'full') file.append(result);
    printResult(chaosCase, result, args.json);
    results.push(result);
    if (result.notRun !== undefined) break;
    left = { first: part.first + part.count, count: left.count - part.count };
  }
  return results;
}
