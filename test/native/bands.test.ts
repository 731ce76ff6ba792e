import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/model/package.js';
import type { Handle, OpenOptions } from '../../src/native/contract.js';
import type { SourceLayout } from '../../src/native/layout.js';
import { tempDir } from '../support/temp.js';
import { fileSpec, giveRows, makePixels, native, openWhole, pack, rowBytes, scienceLayout } from './images.js';

const layout = scienceLayout();
const packed = pack(layout, makePixels(layout));

/** The bytes of every file of the source, and the source closed. */
async function filesOf(handle: Handle, options: OpenOptions): Promise<Buffer[]> {
  const folder = tempDir();
  const files: Buffer[] = [];
  for (const product of options.products) {
    for (const ccd of options.layout.ccds.keys()) {
      const spec = fileSpec(options, folder, {
        ccd,
        product,
        path: `${product}${ccd}.fits`,
        sidecarPath: `${product}${ccd}.json`,
      });
      await native.finish(handle, spec);
      files.push(readFileSync(join(spec.root, spec.path)));
    }
  }
  native.drop(handle);
  return files;
}

/** Bands every second row in a thread of its own while it lives. */
function bandInThread(handle: Handle, source: SourceLayout, rows: SharedArrayBuffer, first: number): Promise<void> {
  const script = `
    const { workerData: { addon, handle, rows, bytes, count, first } } = require('node:worker_threads');
    const native = require(addon);
    for (let row = first; row < count; row += 2) {
      native.band(handle, { first: row, count: 1 }, new Uint8Array(rows, row * bytes, bytes));
    }`;
  const addon = join(packageRoot(), 'build/ccarchiver.node');
  const workerData = { addon, handle, rows, bytes: rowBytes(source), count: source.rows, first };
  return new Promise((resolve, reject) => {
    const worker = new Worker(script, { eval: true, workerData });
    worker.on('error', reject);
    worker.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`thread ended with ${code}`))));
  });
}

describe.each(['rice', 'none'] as const)('bands, compression %s', (compression) => {
  const options: OpenOptions = { layout, products: ['raw', 'corrected'], compression };

  test('in any order and any size give the same files, byte for byte', async () => {
    const whole = await filesOf(openWhole(options, packed), options);
    const pieces = native.open(options);
    for (const [first, count] of [
      [17, 7],
      [0, 1],
      [5, 12],
      [1, 4],
    ] as const)
      giveRows(pieces, layout, packed, first, count);
    const again = await filesOf(pieces, options);
    expect(again.map((file, i) => file.equals(whole[i] ?? Buffer.alloc(0)))).toEqual(whole.map(() => true));
    expect(whole[0]?.equals(whole[3] ?? Buffer.alloc(0)), 'raw and corrected differ').toBe(false);
  });

  test('from two worker threads give the same files, and outlive the threads', async () => {
    const whole = await filesOf(openWhole(options, packed), options);
    const shared = new SharedArrayBuffer(packed.length);
    new Uint8Array(shared).set(packed);
    const handle = native.open(options);
    await Promise.all([bandInThread(handle, layout, shared, 0), bandInThread(handle, layout, shared, 1)]);
    const threaded = await filesOf(handle, options);
    expect(threaded.map((file, i) => file.equals(whole[i] ?? Buffer.alloc(0)))).toEqual(whole.map(() => true));
  });
});

test('the CRCs of the bands combine to the CRC of the stream', () => {
  const handle = native.open({ layout, products: ['raw'], compression: 'rice' });
  const second = giveRows(handle, layout, packed, 9, 15);
  const first = giveRows(handle, layout, packed, 0, 9);
  native.drop(handle);
  expect(native.crc32Combine(first, second, 15 * rowBytes(layout))).toBe(native.crc32(packed));
  expect(native.crc32(Buffer.from('123456789'))).toBe(0xcbf43926);
});

test('the raw file does not depend on whether a corrected one is made', async () => {
  const raw: OpenOptions = { layout, products: ['raw'], compression: 'rice' };
  const both: OpenOptions = { ...raw, products: ['raw', 'corrected'] };
  const alone = await filesOf(openWhole(raw, packed), raw);
  const beside = await filesOf(openWhole(both, packed), both);
  expect(alone[0]?.equals(beside[0] ?? Buffer.alloc(0))).toBe(true);
});
