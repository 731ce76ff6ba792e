import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { emulation } from '../daq/emulation.js';
import { SMALL_CAMERA } from '../daq/images.js';
import { archive } from '../support/archive.js';
import { tempDir } from '../support/temp.js';

it('what a process that died left in .tmp is gone after the next start', async () => {
  const root = tempDir();
  const left = join(root, '.tmp', 'CC_S_20261121_000001.part');
  mkdirSync(join(root, '.tmp'));
  writeFileSync(left, 'half a file');
  mkdirSync(join(root, '.tmp/waiting/CC_S_20261121_000001'), { recursive: true });
  const { emulator } = await emulation({ start: 'first-subscriber' });
  const { rows } = await archive({ address: emulator.address, camera: SMALL_CAMERA, root });
  expect(rows.map(({ state }) => state)).toEqual(['complete']);
  expect(existsSync(left)).toBe(false);
  expect(existsSync(join(root, '.tmp/waiting'))).toBe(false);
});
