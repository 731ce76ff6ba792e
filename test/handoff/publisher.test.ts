import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { OodsTarget } from '../../src/handoff/oods.js';
import { clearTemporary } from '../../src/handoff/publisher.js';
import { distFile } from '../../src/model/package.js';
import { tempDir } from '../support/temp.js';
import { filesBelow, stage } from './staged.js';

const LARGE = 48 * 1024 * 1024;

const oodsOf = (data: string) =>
  new OodsTarget({ root: join(data, 'oods'), mode: 'copy', folderMode: 0o755, quarantine: join(data, 'quarantine') });

describe('A copy', () => {
  it('is never seen in part: its name appears with all of its bytes, after its sidecar', async () => {
    const data = tempDir();
    const file = stage(data, undefined, LARGE);
    const name = join(data, 'oods', `${file.relative}.fits`);
    let isDone = false;
    const seen = { before: 0, sizes: new Set<number>(), withoutSidecar: 0 };
    const delivery = oodsOf(data)
      .deliver(file)
      .finally(() => {
        isDone = true;
      });
    while (!isDone) {
      if (existsSync(name)) {
        seen.sizes.add(statSync(name).size);
        if (!existsSync(name.replace(/fits$/, 'json'))) seen.withoutSidecar++;
      } else seen.before++;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await delivery;
    expect(seen.before).toBeGreaterThan(10);
    expect([...seen.sizes, statSync(name).size].every((size) => size === LARGE)).toBe(true);
    expect(seen.withoutSidecar).toBe(0);
    expect(readdirSync(join(data, '.tmp'))).toEqual([]);
  });

  it('that dies with its process leaves no name behind, and the next try succeeds', async () => {
    const data = tempDir();
    const file = stage(data, undefined, LARGE);
    const script = `
      const { OodsTarget } = await import(process.argv[1]);
      const [data, file] = [process.argv[2], JSON.parse(process.argv[3])];
      const target = new OodsTarget({ root: data + '/oods', mode: 'copy', folderMode: 0o755, quarantine: data + '/q' });
      await target.deliver(file);
    `;
    const arguments_ = ['--input-type=module', '-e', script, distFile('src/handoff/oods.js'), data];
    const child = spawn(process.execPath, [...arguments_, JSON.stringify(file)], { stdio: 'inherit' });
    const temporary = join(data, '.tmp');
    // The sidecar is one name, so a second file here, or a large one, is the image under way.
    const isCopying = () =>
      existsSync(temporary) &&
      readdirSync(temporary).some(
        (name) => (statSync(join(temporary, name), { throwIfNoEntry: false })?.size ?? 0) > 1e6,
      );
    while (child.exitCode === null && !isCopying()) await new Promise((resolve) => setImmediate(resolve));
    child.kill('SIGKILL');
    await once(child, 'exit');

    expect(child.signalCode).toBe('SIGKILL');
    expect(filesBelow(join(data, 'oods')).filter((name) => name.endsWith('.fits'))).toEqual([]);
    expect(readdirSync(temporary)).toHaveLength(1);
    await clearTemporary(temporary);
    expect(readdirSync(temporary)).toEqual([]);
    expect(await oodsOf(data).deliver(file)).toMatchObject({ outcome: 'delivered', copy: true });
  });

  it('of a file that has changed since it was sealed is not published', async () => {
    const data = tempDir();
    const file = stage(data);
    chmodSync(file.path, 0o644);
    writeFileSync(file.path, Buffer.alloc(file.bytes));
    await expect(oodsOf(data).deliver(file)).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    expect(filesBelow(join(data, 'oods')).filter((name) => name.endsWith('.fits'))).toEqual([]);
    expect(readdirSync(join(data, '.tmp'))).toEqual([]);
  });
});

describe('New folders', () => {
  it('have the configured mode whatever the umask is', async () => {
    const data = tempDir();
    const file = stage(data);
    const old = process.umask(0o077);
    try {
      const { root, quarantine } = { root: join(data, 'oods'), quarantine: join(data, 'q') };
      await new OodsTarget({ root, mode: 'link', folderMode: 0o2775, quarantine }).deliver(file);
      expect(statSync(join(root, 'LSSTComCam')).mode & 0o7777).toBe(0o2775);
    } finally {
      process.umask(old);
    }
  });

  it('cannot be made where a file stands, and that is told', async () => {
    const data = tempDir();
    const file = stage(data);
    mkdirSync(join(data, 'oods'));
    writeFileSync(join(data, 'oods/LSSTComCam'), '');
    await expect(oodsOf(data).deliver(file)).rejects.toMatchObject({ code: 'FOLDER_UNWRITABLE' });
  });
});
