import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { OpenOptions } from '../../src/native/contract.js';
import { tempDir } from '../support/temp.js';
import { fileSpec, giveRows, makePixels, native, openWhole, pack, scienceLayout } from './images.js';

const MIB = 1 << 20;
const layout = scienceLayout();
const packed = pack(layout, makePixels(layout));
const options: OpenOptions = { layout, products: ['raw', 'corrected'], compression: 'rice' };

test('100 images ask the system for no memory after the 5th, and leave nothing in use', async () => {
  const folder = tempDir();
  const before = native.statistics();
  let warm = before;
  for (let image = 1; image <= 100; image++) {
    const handle = native.open(options);
    for (const first of [8, 0, 16]) giveRows(handle, layout, packed, first, 8);
    for (const ccd of layout.ccds.keys())
      for (const product of options.products) {
        const names = { path: `a/${ccd}${product}.fits`, sidecarPath: `a/${ccd}${product}.json` };
        await native.finish(handle, fileSpec(options, folder, { ccd, product, ...names }));
      }
    native.drop(handle);
    rmSync(join(folder, 'root/a'), { recursive: true });
    if (image === 5) warm = native.statistics();
  }
  const after = native.statistics();
  expect(after.allocations).toBe(warm.allocations);
  expect(after.poolBytes).toBe(warm.poolBytes);
  expect(after.poolBytesInUse).toBe(before.poolBytesInUse);
  expect(after.openHandles).toBe(before.openHandles);
});

describe('a pool that is full', () => {
  test('refuses a band, which can be repeated once there is room', async () => {
    native.configurePool(MIB);
    const first = openWhole(options, packed);
    const others: number[] = [];
    let code: unknown;
    while (code === undefined) {
      others.push(native.open(options));
      try {
        giveRows(others.at(-1) ?? 0, layout, packed, 0, layout.rows);
      } catch (error) {
        code = (error as { code?: unknown }).code;
        expect(error).toMatchObject({ code: 'POOL_EXHAUSTED', details: { bytes: MIB } });
      }
    }
    // What is there can still be finished: file images have a share of their own.
    expect((await native.finish(first, fileSpec(options, tempDir()))).outcome).toBe('created');
    const refused = others.pop() ?? 0;
    native.drop(first);
    giveRows(refused, layout, packed, 0, layout.rows);
    expect((await native.finish(refused, fileSpec(options, tempDir()))).outcome).toBe('created');
    for (const handle of [...others, refused]) native.drop(handle);
    native.configurePool(1024 * MIB);
  });
});

test('a source dropped while its file is written is written whole, and freed', async () => {
  const before = native.statistics();
  const handle = openWhole(options, packed);
  const written = native.finish(handle, fileSpec(options, tempDir()));
  native.drop(handle);
  expect((await written).outcome).toBe('created');
  await new Promise(setImmediate);
  expect(native.statistics().poolBytesInUse).toBe(before.poolBytesInUse);
});
