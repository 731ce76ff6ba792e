import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ArchiverError } from '../../src/model/errors.js';
import { distFile } from '../../src/model/package.js';
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

  it('ends a run that does not end, and keeps its input', () => {
    const folder = tempDir();
    const script = join(folder, 'endless.mjs');
    writeFileSync(
      script,
      `import { HangWatch } from ${JSON.stringify(distFile('test/fuzz/hang-watch.js'))};
      const watch = await HangWatch.start({ target: 'endless', folder: ${JSON.stringify(folder)}, mostMs: 200 });
      watch.begin(Buffer.from('the input'));
      for (;;);`,
    );
    const run = spawnSync(process.execPath, [script], { encoding: 'utf8', timeout: 20_000 });
    expect(run.signal).toBe('SIGKILL');
    const [, path = ''] = /^endless did not end within 200 ms: (.*)$/m.exec(run.stderr) ?? [];
    expect(readFileSync(path, 'utf8')).toBe('the input');
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
