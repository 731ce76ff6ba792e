import { type ChildProcess, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FIRST_IMAGE, SECOND_IMAGE, SMALL_CAMERA, testImage } from '../daq/images.js';
import { cameraFile, filesBelow } from '../support/archive.js';
import { jsonLines, runCli, startCli } from '../support/cli.js';
import { headerPackage } from '../support/header-package.js';
import { serveDaq } from '../support/serve.js';
import { tempDir } from '../support/temp.js';

const NAMES = [FIRST_IMAGE, SECOND_IMAGE];

/** A run whose images wait for header packages that are not there, for far longer than any test. */
async function waitingRun() {
  const [root, headers] = [tempDir(), tempDir()];
  const daq = await serveDaq(NAMES.map((name) => testImage(name)));
  const config = join(tempDir(), 'config.yaml');
  writeFileSync(config, 'deadlines: {header: 3600, image: 7200}\n');
  const camera = cameraFile(SMALL_CAMERA);
  const args = ['run', '--daq', daq, '--camera', camera, '--root', root, '--header', headers, '--config', config];
  const child = startCli([...args, '--json']);
  onTestFinished(() => void child.kill('SIGKILL'));
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) child[name]?.on('data', (text) => (output[name] += text));
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  await imagesBegun(root, child);
  return { child, ended, output, root, headers, args };
}

/** Both images are in the ledger, as a process of its own sees it. */
async function imagesBegun(root: string, child: ChildProcess): Promise<void> {
  const { loadSqlite } = await import('../../src/stage/sqlite.js');
  const { DatabaseSync } = await loadSqlite();
  while (child.exitCode === null) {
    await new Promise((done) => setTimeout(done, 50));
    try {
      const database = new DatabaseSync(join(root, 'ledger.sqlite'), { readOnly: true });
      const row = database.prepare('SELECT count(*) AS begun FROM image').get() as { begun: number };
      database.close();
      if (row.begun === NAMES.length) return;
    } catch {
      // not made yet
    }
  }
}

describe('a run that waits for header packages', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'ends at %s with 0 and leaves its images open; the next run completes them with their headers',
    async (signal) => {
      const { child, ended, output, root, headers, args } = await waitingRun();
      child.kill(signal);
      expect(await ended).toEqual([0, null]);
      expect(output.stderr).toBe('');
      expect(jsonLines(output.stdout).at(-1)).toMatchObject({ summary: true, images: 2, open: 2, failed: 0 });
      expect(filesBelow(join(root, 'archive'))).toEqual([]);
      for (const name of NAMES) {
        writeFileSync(join(headers, `${name}.yaml`), headerPackage(name, SMALL_CAMERA));
      }
      const next = await runCli([...args, '--count', '2', '--json']);
      expect([next.exit, next.stderr]).toEqual([0, '']);
      expect(jsonLines(next.stdout).at(-1)).toMatchObject({ complete: 2, open: 0, files: { raw: 18, corrected: 18 } });
    },
    30_000,
  );

  it('ends at once by a second signal, with its assembler and the spare one', async () => {
    const { child, ended } = await waitingRun();
    const assemblers = spawnSync('pgrep', ['-P', `${child.pid}`], { encoding: 'utf8' })
      .stdout.trim()
      .split('\n');
    child.kill('SIGTERM');
    await new Promise((done) => setTimeout(done, 300));
    child.kill('SIGTERM');
    expect(await ended).toEqual([null, 'SIGTERM']);
    expect(assemblers.every((pid) => /^\d+$/.test(pid))).toBe(true);
    const lives = (pid: string) => spawnSync('kill', ['-0', pid]).status === 0;
    while (assemblers.some(lives)) await new Promise((done) => setTimeout(done, 50));
  });
});
