import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { smallGeometry } from '../../src/camera/geometry.js';
import { loadCamera } from '../../src/camera/load.js';
import { distFile, packageRoot } from '../../src/model/package.js';
import { FIRST_IMAGE, testImage } from '../daq/images.js';
import { cameraFile } from '../support/archive.js';
import { tempDir } from '../support/temp.js';
import { fileFacts } from './facts.js';

const TESTS = join(packageRoot(), 'test/assemble');

/** What a process holds after so many images, in bytes; `heapUsed` is of its main thread. */
interface Held {
  readonly image: number;
  readonly rss: number;
  readonly heapUsed: number;
}

/**
 * What V8 and glibc keep for later would hide what is never given back. So garbage is collected in all threads before each sample, which needs
 * threads that do not sleep in Atomics.wait, and at once; no code is compiled meanwhile; and glibc gives back what is free.
 */
const FLAGS = ['--expose-gc', '--max-semi-space-size=1', '--single-threaded-gc', '--no-opt'];
const ENVIRONMENT = { PISCINA_DISABLE_ATOMICS: '1' };

function buildTrim(folder: string): string {
  const addon = join(folder, 'trim.node');
  const headers = join(packageRoot(), 'node_modules/node-api-headers/include');
  const args = ['-shared', '-fPIC', '-I', headers, '-o', addon, join(TESTS, 'trim.cpp')];
  expect(spawnSync('g++', args, { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  return addon;
}

/** What a process that archives small images holds after each 10th of them. */
async function archiveInChild(images: number): Promise<Held[]> {
  const folder = tempDir();
  const root = join(folder, 'root');
  mkdirSync(root);
  const preload = pathToFileURL(join(TESTS, 'collect-garbage.mjs')).href;
  const child = fork(join(TESTS, 'archive-child.mjs'), [distFile(''), buildTrim(folder)], {
    serialization: 'advanced',
    execArgv: [...FLAGS, '--import', preload],
    env: { ...process.env, ...ENVIRONMENT },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const held: Held[] = [];
  child.on('message', (message) => held.push(message as Held));
  const camera = smallGeometry(loadCamera('comcam'), { columns: 64, rows: 32 });
  const { description, packed } = testImage(FIRST_IMAGE, camera, ['22/0']);
  const slot = { raft: 'R22', sensor: 'S00' };
  child.send({ camera: cameraFile(camera), description, packed, facts: fileFacts(), root, slot, images });
  expect(await once(child, 'exit')).toEqual([0, null]);
  return held;
}

it('a process holds less than 1 kB more for each image from the 200th to the 1000th', async () => {
  const held = await archiveInChild(1000);
  // Of each hundred the least: pages that are half full come and go.
  const least = (of: 'rss' | 'heapUsed', last: number) =>
    Math.min(...held.filter(({ image }) => image > last - 100 && image <= last).map((one) => one[of]));
  for (const of of ['rss', 'heapUsed'] as const) {
    expect((least(of, 1000) - least(of, 200)) / 800, `${of}, bytes for each image`).toBeLessThan(1000);
  }
}, 300_000);
