import { expect, it } from 'vitest';
import { describeUnless } from '../support/not-run.js';
import { CASES } from './cases.js';
import { missingOf } from './needs.js';
import { runPart } from './runner.js';

const LIMIT_MS = 120_000;

for (const chaosCase of CASES.filter(({ units }) => units.test > 0)) {
  describeUnless(missingOf(chaosCase.needs), `chaos case ${chaosCase.name}`, () => {
    it(
      chaosCase.promise,
      async () => {
        const said: string[] = [];
        const { violations } = await runPart({
          chaosCase,
          part: { first: 0, count: chaosCase.units.test },
          of: chaosCase.units.test,
          seed: 1,
          signal: new AbortController().signal,
          say: (text) => said.push(text),
        });
        expect(violations, said.join('; ')).toEqual([]);
      },
      LIMIT_MS,
    );
  });
}
