import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, it, onTestFinished } from 'vitest';
import { SMALL_CAMERA, testImage } from '../daq/images.js';
import { cameraFile } from '../support/archive.js';
import { startCli } from '../support/cli.js';
import { storeOf } from '../support/serve.js';
import { tempDir } from '../support/temp.js';

const IMAGES = 30;

it('a replay that is interrupted ends after the images under way, with a summary and not with exit code 0', async () => {
  const names = Array.from({ length: IMAGES }, (_, i) => `CC_S_20261121_${String(i + 1).padStart(6, '0')}`);
  const store = await storeOf(names.map((name) => testImage(name)));
  const args = ['replay', store, '--out', tempDir(), '--camera', cameraFile(SMALL_CAMERA), '--json'];
  const child = startCli(args);
  onTestFinished(() => void child.kill('SIGKILL'));
  if (child.stdout === null) throw new Error('no output');
  const exited = once(child, 'exit');
  const records: { summary?: boolean; images?: number; complete?: number }[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (records.push(JSON.parse(line)) === 1) child.kill('SIGINT');
  }
  const summary = records.at(-1);
  expect(summary).toMatchObject({ summary: true, complete: records.length - 1 });
  expect(summary?.images).toBeLessThan(IMAGES);
  expect(await exited).toEqual([1, null]);
});
