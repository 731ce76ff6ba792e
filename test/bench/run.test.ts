import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CASES } from '../../bench/cases.js';
import { contender } from '../../bench/contenders.js';
import { distFile, packageRoot } from '../../src/model/package.js';
import { jsonLines } from '../support/cli.js';
import { tempDir } from '../support/temp.js';

/** The compiled benchmark, as `npm run bench` starts it. */
function bench(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  return spawnSync(process.execPath, [distFile('bench/main.js'), ...args], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
}

describe('cases and contenders', () => {
  it('have ours first, and files for all of their programs', () => {
    for (const { entries } of Object.values(CASES)) {
      expect(entries[0]?.contender).toBe('ours');
      for (const entry of entries) {
        for (const file of contender(entry.contender).files) {
          expect(existsSync(join(packageRoot(), 'bench', 'peers', file))).toBe(true);
        }
      }
    }
  });
});

describe('a run of the benchmark', () => {
  it('gives one record per contender and the summary, reports what is not installed, and leaves nothing behind', () => {
    const folder = join(tempDir(), 'bench');
    // Without PATH neither gcc nor python is found.
    const { stdout, stderr, status } = bench(['--json', '--quick', '--case', 'checksum', '--folder', folder], {
      PATH: '/nowhere',
    });
    expect(status, stderr).toBe(0);
    const records = jsonLines(stdout);
    expect(records.map(({ contender: who }) => who)).toEqual(['ours', 'cfitsio', 'memcpy', undefined]);
    expect(records[0]).toMatchObject({ case: 'checksum', medianMs: expect.any(Number), samplesMs: expect.any(Array) });
    expect(records[1]?.notRun).toMatch(/^install the package .*libcfitsio-dev$/);
    expect(records[3]).toMatchObject({
      summary: true,
      cpu: expect.stringMatching(/^(avx512|avx2|scalar)$/),
      ratios: {},
    });
    expect(readdirSync(folder).filter((name) => !name.startsWith('.'))).toEqual([]);
  });

  it('cleans its folder when it is interrupted', async () => {
    const folder = join(tempDir(), 'bench');
    const args = [distFile('bench/main.js'), '--case', 'rice-decode', '--folder', folder];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    for await (const text of child.stderr.setEncoding('utf8')) {
      if (text.includes('round 1')) child.kill('SIGTERM');
    }
    if (child.exitCode === null) await once(child, 'exit');
    expect(child.exitCode).toBe(143);
    expect(readdirSync(folder).filter((name) => !name.startsWith('.'))).toEqual([]);
  });

  it.each([
    [['--case', 'rice'], /no case "rice"; choose one of rice-encode/],
    [['--case', 'checksum+both'], /checksum has no variant \+both/],
    [['--case', 'kernel@sse'], /this machine cannot run "sse"/],
    [['--case', 'latency@avx2'], /latency runs the best instruction set of the machine only/],
    [['--rounds', '0'], /--rounds takes a whole number from 1 to 1000, not "0"/],
    [['--case', 'latency', '--header-delay', '1e3'], /--header-delay takes a whole number from 0 to 30000/],
    [['--case', 'checksum', '--header-delay', '5'], /--header-delay concerns the case latency/],
    [['--case', 'latency', '--picture', '/nowhere/at/all.svg'], /--picture: there is no folder \/nowhere\/at/],
    [['--fast'], /Unknown option '--fast'/],
    [['checksum'], /Unexpected argument 'checksum'/],
  ])('refuses %j in one line', (args, message) => {
    const { stderr, status } = bench([...args, '--folder', join(tempDir(), 'bench')]);
    expect(status).toBe(2);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(message);
  });
});
