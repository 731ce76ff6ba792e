import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { distFile } from '../../src/model/package.js';
import type { ChaosCase } from './case.js';
import { bound95, type Result, summed } from './results.js';
import { type Part, remaining, runPart, shardPart } from './runner.js';

const result = (first: number, units: number, counts: Record<string, number> = {}): Result => ({
  case: 'one',
  seed: 1,
  commit: 'x',
  unit: 'points',
  first,
  units,
  seconds: 1,
  counts,
  ms: { recovery: [first] },
  violations: [],
});

const caseOf = (run: ChaosCase['run'], needs: ChaosCase['needs'] = []): ChaosCase => ({
  name: 'one',
  promise: 'nothing is lost',
  needs,
  units: { test: 1, all: 1, full: 1 },
  unit: 'points',
  run,
});

const run = (chaosCase: ChaosCase) =>
  runPart({
    chaosCase,
    part: { first: 0, count: 1 },
    of: 1,
    seed: 1,
    signal: new AbortController().signal,
    say: () => undefined,
  });

describe('The chaos runner', () => {
  it('gives every unit to one shard, whatever the number of shards', () => {
    for (const of of [1, 3, 7]) {
      const parts = Array.from({ length: of }, (_, index) => shardPart(100, { index, of }));
      const units = parts.flatMap(({ first, count }: Part) => Array.from({ length: count }, (_, n) => first + n));
      expect(units).toEqual(Array.from({ length: 100 }, (_, n) => n));
    }
  });

  it('goes on after what the results hold of the same case and seed', () => {
    const done = [result(0, 10), result(10, 5), { ...result(15, 5), seed: 2 }];
    expect(remaining({ first: 0, count: 30 }, done, 'one', 1)).toEqual({ first: 15, count: 15 });
    expect(remaining({ first: 0, count: 15 }, done, 'one', 1)).toEqual({ first: 15, count: 0 });
    expect(remaining({ first: 0, count: 30 }, done, 'other', 1)).toEqual({ first: 0, count: 30 });
  });

  it('adds up what was done in parts', () => {
    const [sum] = summed([result(0, 10, { exposed: 5, maxRss: 7 }), result(10, 10, { exposed: 6, maxRss: 3 })]);
    expect(sum).toMatchObject({ units: 20, counts: { exposed: 11, maxRss: 7 }, ms: { recovery: [0, 10] } });
  });

  it('takes a control that lost nothing for a violation', async () => {
    const findings = { counts: { exposed: 9, lost: 0 }, violations: [], control: { exposed: 3, lost: 0 } };
    expect((await run(caseOf(async () => findings))).violations).toHaveLength(1);
    const sound = { ...findings, control: { exposed: 3, lost: 1 } };
    expect((await run(caseOf(async () => sound))).violations).toEqual([]);
  });

  it('gives the same schedule of faults for the same seed', async () => {
    const drawn: number[] = [];
    const draw = caseOf(async ({ random }) => {
      drawn.push(random.integer(0, 1e9));
      return { counts: {}, violations: [] };
    });
    await run(draw);
    await run(draw);
    expect(drawn[1]).toBe(drawn[0]);
  });

  it('prints the bound of the rule of three only where something was exposed and nothing lost', () => {
    expect(bound95({ exposed: 300_000, lost: 0 })).toBeCloseTo(1e-5, 12);
    expect(bound95({ exposed: 300_000, lost: 1 })).toBeNull();
    expect(bound95({})).toBeNull();
  });

  it.each([
    [['--case', 'none']],
    [[]],
    [['--all', '--full']],
    [['--full', '--shard', '3/2']],
    [['--units', '0', '--all']],
    [['--all', '--resume']],
  ])('refuses %j with one line and exit code 2', (args) => {
    const { status, stderr, stdout } = spawnSync(process.execPath, [distFile('test/chaos/main.js'), ...args], {
      encoding: 'utf8',
    });
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
