import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Answers } from '../../bench/answers.js';
import { CASES } from '../../bench/cases.js';
import type { ContenderName } from '../../bench/contenders.js';
import type { Lane } from '../../bench/lane.js';
import { tempDir } from '../support/temp.js';

function lane(contender: ContenderName): Lane {
  const entry = { contender, warmups: 1, iterations: 1 };
  return { id: 'checksum', name: 'checksum', entry, variant: 'base', cpu: null, results: [] };
}

/** Lets lanes answer with these texts; undefined is a trial that fails. */
async function compared(answers: Partial<Record<ContenderName, string>>): Promise<Record<string, string | undefined>> {
  const lanes = (['ours', 'cfitsio', 'memcpy'] as const).map(lane);
  const benchCase = CASES.checksum;
  if (benchCase === undefined) throw new Error('no case checksum');
  const options = {
    folder: tempDir(),
    quick: true,
    headerDelayMs: 0,
    signal: new AbortController().signal,
    say: () => undefined,
  };
  const answer = async ({ entry }: { readonly entry: Lane['entry'] }, out: string) => {
    const text = answers[entry.contender];
    if (text === undefined) throw new Error('its process ended with 1');
    mkdirSync(out, { recursive: true });
    writeFileSync(join(out, 'answer'), text);
  };
  await new Answers(benchCase, { options, answer }).compare(lanes);
  return Object.fromEntries(lanes.map(({ entry, failed }) => [entry.contender, failed]));
}

describe('before anything is timed', () => {
  it('whoever answers as ours goes on, and a floor answers nothing', async () => {
    expect(await compared({ ours: '17', cfitsio: '17' })).toEqual({
      ours: undefined,
      cfitsio: undefined,
      memcpy: undefined,
    });
  });

  it('whoever answers otherwise has failed', async () => {
    expect(await compared({ ours: '17', cfitsio: '18' })).toMatchObject({
      ours: undefined,
      cfitsio: 'wrong answer: it differs from ours at byte 1 of 2',
    });
  });

  it('without an answer of ours nobody can be right', async () => {
    expect(await compared({ cfitsio: '17' })).toEqual({
      ours: 'its process ended with 1',
      cfitsio: 'there is no right answer of ours to compare its own with',
      memcpy: undefined,
    });
  });
});
