import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../src/model/package.js';
import type { FileSpec, OpenOptions } from '../../src/native/contract.js';
import { onesComplementSum } from '../support/seal.js';
import { tempDir } from '../support/temp.js';
import { fileSpec, giveRows, makePixels, native, openWhole, pack, scienceLayout } from './images.js';

const layout = scienceLayout();
const options: OpenOptions = { layout, products: ['raw'], compression: 'rice' };
const packed = pack(layout, makePixels(layout));
const otherPixels = pack(layout, makePixels(layout, 2));

async function write(spec: FileSpec, rows = packed): ReturnType<typeof native.finish> {
  const handle = openWhole(options, rows);
  try {
    return await native.finish(handle, spec);
  } finally {
    native.drop(handle);
  }
}

const read = (spec: FileSpec, path = spec.path): Buffer => readFileSync(join(spec.root, path));

describe('a file that is written', () => {
  test('stands with its sidecar, read-only, in folders of the mode asked for, and nothing beside it', async () => {
    const spec = fileSpec(options, tempDir());
    const written = await write(spec);
    expect(written).toMatchObject({ outcome: 'created', bytes: read(spec).length });
    expect(written.asidePath).toBeUndefined();
    expect(read(spec, spec.sidecarPath)).toEqual(Buffer.from(spec.sidecar));
    expect(readdirSync(join(spec.root, 'camera/day')).sort()).toEqual(['ccd0.fits', 'ccd0.json']);
    expect(statSync(join(spec.root, spec.path)).mode & 0o7777).toBe(0o444);
    expect(statSync(join(spec.root, 'camera')).mode & 0o7777).toBe(0o755);
    expect(readdirSync(spec.root)).toEqual(['camera']);
  });

  test('again is the same; with other pixels it is a conflict, set aside once, and the first stays', async () => {
    const spec = fileSpec(options, tempDir());
    await write(spec);
    const first = read(spec);
    expect((await write(spec)).outcome).toBe('same');
    for (let repeat = 0; repeat < 2; repeat++) {
      const conflict = await write(spec, otherPixels);
      expect(conflict).toMatchObject({ outcome: 'conflict', asidePath: join(spec.aside, `${spec.path}.1`) });
    }
    expect(read(spec).equals(first)).toBe(true);
    expect(readFileSync(join(spec.aside, `${spec.path}.1`)).equals(first)).toBe(false);
  });

  test('replaces a sidecar that was left without its file', async () => {
    const spec = fileSpec(options, tempDir());
    mkdirSync(join(spec.root, 'camera/day'), { recursive: true });
    writeFileSync(join(spec.root, spec.sidecarPath), 'left over');
    expect((await write(spec)).outcome).toBe('created');
    expect(read(spec, spec.sidecarPath)).toEqual(Buffer.from(spec.sidecar));
  });

  test('that lost its name after the sidecar got it is written again with the same bytes, whatever the bands', async () => {
    const spec = fileSpec(options, tempDir());
    await write(spec);
    const first = read(spec);
    rmSync(join(spec.root, spec.path));
    const handle = native.open(options);
    for (const row of Array.from({ length: layout.rows }, (_, i) => layout.rows - 1 - i))
      giveRows(handle, layout, packed, row, 1);
    expect((await native.finish(handle, spec)).outcome).toBe('created');
    native.drop(handle);
    expect(read(spec).equals(first)).toBe(true);
  });
});

describe('what cannot be written', () => {
  test('a missing root is WRITE_FAILED and names it', async () => {
    const spec = fileSpec(options, tempDir(), { root: '/nowhere/at/all' });
    await expect(write(spec)).rejects.toMatchObject({ code: 'WRITE_FAILED', details: { path: '/nowhere/at/all' } });
  });

  test('a folder that is a link is not followed', async () => {
    const folder = tempDir();
    const spec = fileSpec(options, folder);
    mkdirSync(join(folder, 'outside'));
    symlinkSync(join(folder, 'outside'), join(spec.root, 'camera'));
    await expect(write(spec)).rejects.toMatchObject({ code: 'WRITE_FAILED' });
    expect(readdirSync(join(folder, 'outside'))).toEqual([]);
  });

  test('a file system that takes no folder is FOLDER_UNWRITABLE, for every user', async () => {
    const spec = fileSpec(options, tempDir(), { root: '/sys' });
    await expect(write(spec)).rejects.toMatchObject({
      code: 'FOLDER_UNWRITABLE',
      details: { path: '/sys/camera/day' },
    });
  });
});

test('killed at any moment, every file that has a name is whole and has its sidecar, and a repetition completes the rest', async () => {
  const folder = tempDir();
  const reference = fileSpec(options, tempDir());
  await write(reference);
  const expected = read(reference);
  const names = Array.from({ length: 40 }, (_, i) => `camera/day/file${i}`);
  for (const after of [5, 15, 30]) {
    await writeUntilKilled(folder, names, after);
    const { root } = fileSpec(options, folder);
    for (const name of names.filter((one) => existsSync(join(root, `${one}.fits`)))) {
      const bytes = readFileSync(join(root, `${name}.fits`));
      expect(onesComplementSum(bytes)).toBe(0xffffffff);
      expect(bytes.equals(expected)).toBe(true);
      expect(existsSync(join(root, `${name}.json`))).toBe(true);
    }
  }
  for (const name of names) {
    const spec = fileSpec(options, folder, { path: `${name}.fits`, sidecarPath: `${name}.json` });
    expect((await write(spec)).outcome).not.toBe('conflict');
    expect(read(spec).equals(expected)).toBe(true);
  }
});

/** A process of its own writes one file after another and is killed some milliseconds after its first. */
async function writeUntilKilled(folder: string, names: readonly string[], after: number): Promise<void> {
  const script = `
    const native = require(${JSON.stringify(join(packageRoot(), 'build/ccarchiver.node'))});
    process.once('message', async ({ options, packed, spec, names }) => {
      const handle = native.open(options);
      native.band(handle, { first: 0, count: options.layout.rows }, packed);
      for (const name of names) {
        await native.finish(handle, { ...spec, path: name + '.fits', sidecarPath: name + '.json' });
        process.send('one more');
      }
      process.send('all');
      setInterval(() => {}, 1000);
    });`;
  const child = spawn(process.execPath, ['-e', script], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
  });
  child.send({ options, packed, spec: fileSpec(options, folder), names });
  await once(child, 'message');
  await delay(after);
  child.kill('SIGKILL');
  await once(child, 'exit');
}
