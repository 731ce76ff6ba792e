import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packageRoot } from '../../src/model/package.js';
import { fuzz } from './fuzz.js';
import { makeSeeds } from './seeds.js';
import { fuzzTargets } from './targets.js';

/** Called by scripts/fuzz.mjs. One line of JSON for each target; `--input FILE` runs one target once, on a file that was kept. */
const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;
const { values } = parseArgs({
  options: { target: text, runs: text, seconds: text, seed: { ...text, default: '1' }, input: text, list: flag },
});
const seeds = await makeSeeds();
try {
  const targets = fuzzTargets(seeds).filter(({ name }) => values.target === undefined || name === values.target);
  if (values.list) for (const { name } of targets) print({ target: name });
  else if (values.input !== undefined) for (const target of targets) await target.run(readFileSync(values.input));
  else for (const target of targets) print(await fuzz(target, limits(), join(packageRoot(), 'build', 'fuzz')));
} finally {
  seeds.remove();
}

function limits() {
  const { runs, seconds, seed } = values;
  const most = runs === undefined && seconds === undefined ? 100_000 : Number(runs ?? Number.POSITIVE_INFINITY);
  return { seed: Number(seed), runs: most, seconds: Number(seconds ?? Number.POSITIVE_INFINITY) };
}

function print(record: object): void {
  process.stdout.write(`${JSON.stringify(record)}\n`);
}
