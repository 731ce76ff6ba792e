import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { distFile } from '../../src/model/package.js';
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
