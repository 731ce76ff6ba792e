import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { distFile } from '../../src/model/package.js';
import { imageName, makeStore } from '../chaos/support/store.js';
import { tempDir } from '../support/temp.js';

it.each([24, 64, 128])('with %i files that may be open it says so in one line, and makes nothing', (files) => {
  const root = join(tempDir(), 'root');
  const words = [process.execPath, distFile('src/cli/main.js'), 'run', '--daq', '127.0.0.1:1', '--root', root];
  const script = `ulimit -n ${files}; exec ${words.map((word) => `'${word}'`).join(' ')}`;
  const { status, stdout, stderr } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(new RegExp(`^ccarchiver: FILE_LIMIT: Only ${files} files .*\n$`));
  expect(existsSync(root)).toBe(false);
});

it('with as few as it asks for it archives', async () => {
  const store = await makeStore(join(tempDir(), 'store'), [imageName(1), imageName(2), imageName(3)]);
  const root = join(tempDir(), 'root');
  const flags = ['--out', root, '--camera', store.camera, '--json'];
  const words = [process.execPath, distFile('src/cli/main.js'), 'replay', store.folder, ...flags];
  const script = `ulimit -n 256; exec ${words.map((word) => `'${word}'`).join(' ')}`;
  const { status, stdout, stderr } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout.match(/"state":"complete"/g)).toHaveLength(3);
}, 60_000);
