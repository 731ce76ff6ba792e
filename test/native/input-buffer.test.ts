import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/model/package.js';
import type { OpenOptions } from '../../src/native/contract.js';
import { makePixels, native, pack, rowBytes, scienceLayout } from './images.js';

const BLOCK = 256 * 1024;
const layout = scienceLayout();
const packed = pack(layout, makePixels(layout));
const options: OpenOptions = { layout, products: ['raw'], compression: 'rice' };

describe('an input buffer', () => {
  // The first test: buffers that this thread has had go back when it collects its garbage, at any moment.
  it('of a thread goes back when the thread has ended', async () => {
    const addon = JSON.stringify(join(packageRoot(), 'build/ccarchiver.node'));
    const before = native.statistics().inputBytes;
    const worker = new Worker(
      `const kept = require(${addon}).inputBuffer(${BLOCK}); require('node:worker_threads').parentPort.postMessage(kept.length); setInterval(() => kept, 1000);`,
      { eval: true },
    );
    expect(await once(worker, 'message')).toEqual([BLOCK]);
    expect(native.statistics().inputBytes).toBe(before + 2 * BLOCK);
    await worker.terminate();
    expect(native.statistics().inputBytes).toBe(before);
  });

  it('is as long as asked, counted while it is lent, and takes nothing of the pixel pool', () => {
    const before = native.statistics();
    const buffer = native.inputBuffer(3 * BLOCK);
    expect(buffer.length).toBe(3 * BLOCK);
    buffer.fill(1);
    const lent = native.statistics();
    expect(lent.inputBytes).toBe(before.inputBytes + 4 * BLOCK);
    expect(lent.poolBytesInUse).toBe(before.poolBytesInUse);
  });

  it('gives a band the sum that its bytes have elsewhere, filled for the first time or again', () => {
    const buffer = native.inputBuffer(packed.length + 1000);
    for (const filling of [0xaa, 0x55]) {
      buffer.fill(filling).set(packed);
      const handle = native.open(options);
      const sum = native.band(handle, { first: 0, count: layout.rows }, buffer.subarray(0, packed.length));
      expect(sum).toBe(native.crc32(packed));
      native.drop(handle);
    }
  });

  it('is also made for bands that end with it', () => {
    const buffer = native.inputBuffer(rowBytes(layout));
    buffer.set(packed.subarray(0, buffer.length));
    const handle = native.open(options);
    expect(native.band(handle, { first: 5, count: 1 }, buffer)).toBe(native.crc32(buffer));
    native.drop(handle);
  });

  it.each([0, -1, 1.5, 2 ** 31, '4096', undefined])('of %s bytes is refused', (bytes) => {
    expect(() => native.inputBuffer(bytes as number)).toThrow(/bytes must be an integer/);
  });
});
