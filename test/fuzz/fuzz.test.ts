import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ArchiverError } from '../../src/model/errors.js';
import { keptTempDir, tempDir } from '../support/temp.js';
import { fuzz } from './fuzz.js';
import { makeSeeds } from './seeds.js';
import { fuzzTargets } from './targets.js';

const seeds = await makeSeeds();
const kept = keptTempDir();
process.on('exit', () => {
  seeds.remove();
  kept.remove();
});

describe.each(fuzzTargets(seeds).map((target) => [target.name, target] as const))(
  '%s, changed at random,',
  (_, target) => {
    it('is read or refused with a code, within a second, and changes nothing else', async () => {
      const result = await fuzz(target, { seed: 1, runs: 400, seconds: 30 }, kept.path);
      expect(result.found).toEqual([]);
      expect(result.executions).toBe(400);
    }, 60_000);

    it('is accepted as it is', async () => {
      for (const seed of target.seeds) await target.run(Buffer.from(seed));
    });
  },
);

describe('the fuzzer', () => {
  const limits = { seed: 7, runs: 200, seconds: 10 };

  it('finds an error that is none of the table, and keeps the input that repeats it', async () => {
    const run = (input: Buffer) => {
      if (input.includes('__proto__')) throw new TypeError('a defect');
      throw new ArchiverError('FITS_INVALID', { path: 'x', problem: 'y' });
    };
    const { findings, found } = await fuzz({ name: 'broken', seeds: [Buffer.from('seed')], run }, limits, tempDir());
    expect(findings).toBeGreaterThan(0);
    const [problem = '', path = ''] = found[0]?.split(/: (?=\/)/) ?? [];
    expect(problem).toContain('a defect');
    expect(() => run(readFileSync(path))).toThrow(TypeError);
  });

  it('finds a prototype that was changed', async () => {
    const run = () => void Object.assign(Object.prototype, { changed: true });
    const { found } = await fuzz(
      { name: 'polluting', seeds: [Buffer.from('x')], run },
      { ...limits, runs: 1 },
      tempDir(),
    );
    Reflect.deleteProperty(Object.prototype, 'changed');
    expect(found).toEqual([expect.stringContaining('Object.prototype was changed')]);
  });

  it('makes the same inputs of the same seed', async () => {
    const inputs = async () => {
      const seen: string[] = [];
      const run = (input: Buffer) => void seen.push(input.toString('hex'));
      await fuzz(
        { name: 'recording', seeds: [Buffer.from('some bytes'), Buffer.from('others')], run },
        limits,
        tempDir(),
      );
      return seen;
    };
    expect(await inputs()).toEqual(await inputs());
  });
});
