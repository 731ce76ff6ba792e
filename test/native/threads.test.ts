import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/model/package.js';
import type { OpenOptions } from '../../src/native/contract.js';
import { tempDir } from '../support/temp.js';
import { fileSpec, makePixels, native, openWhole, pack, scienceLayout } from './images.js';

const ROUNDS = 20;
const layout = scienceLayout(576, 128);
const options: OpenOptions = { layout, products: ['raw'], compression: 'none' };

/** Gathers and writes one file three times over, under names of its own. */
const THREAD = `
  const { workerData: { addon, handle, spec, round }, parentPort } = require('node:worker_threads');
  const native = require(addon);
  parentPort.postMessage('ready');
  for (const n of [0, 1, 2]) {
    const path = round + '/' + n;
    native.finish(handle, { ...spec, path: path + '.fits', sidecarPath: path + '.json' }).then(() => parentPort.postMessage(n));
  }`;

/** Terminates such a thread at a different moment in each round. */
const PROCESS = `
  const { Worker } = require('node:worker_threads');
  const native = require(process.argv[1]);
  process.once('message', async ({ options, packed, spec, thread, rounds }) => {
    const handle = native.open(options);
    native.band(handle, { first: 0, count: options.layout.rows }, packed);
    for (let round = 0; round < rounds; round++) {
      const worker = new Worker(thread, { eval: true, workerData: { addon: process.argv[1], handle, spec, round } });
      await new Promise((resolve) => worker.once('message', resolve));
      await new Promise((resolve) => setTimeout(resolve, round));
      await worker.terminate();
    }
    process.disconnect();
  });`;

test('a thread that is terminated while its files are written takes neither the process nor a file with it', async () => {
  const packed = pack(layout, makePixels(layout));
  const reference = fileSpec(options, tempDir());
  const handle = openWhole(options, packed);
  await native.finish(handle, reference);
  native.drop(handle);

  const spec = fileSpec(options, tempDir());
  const child = spawn(process.execPath, ['-e', PROCESS, join(packageRoot(), 'build/ccarchiver.node')], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
  });
  child.send({ options, packed, spec, thread: THREAD, rounds: ROUNDS });
  expect(await once(child, 'exit')).toEqual([0, null]);

  const names = Array.from({ length: 3 * ROUNDS }, (_, i) => join(spec.root, `${i % ROUNDS}/${i % 3}.fits`));
  const written = names.filter((name) => existsSync(name));
  expect(written.length).toBeGreaterThan(0);
  const expected = readFileSync(join(reference.root, reference.path));
  for (const name of written) expect(readFileSync(name).equals(expected), name).toBe(true);
});
