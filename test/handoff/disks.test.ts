import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { OodsTarget } from '../../src/handoff/oods.js';
import { memoryDisk, whyNoMemoryDisk } from '../support/memory-disk.js';
import { describeUnless } from '../support/not-run.js';
import { tempDir } from '../support/temp.js';
import { BYTES, digest, filesBelow, stage } from './staged.js';

const SHM = '/dev/shm';
const target = (root: string, data: string) =>
  new OodsTarget({ root, mode: 'link', folderMode: 0o755, quarantine: join(data, 'quarantine') });

const isOtherDisk = existsSync(SHM) && statSync(SHM).dev !== statSync(tmpdir()).dev;

describeUnless(isOtherDisk ? undefined : `${SHM} is no other file system`, 'A target on another file system', () => {
  it('gets a copy although links are configured, prepared on its own side', async () => {
    const data = tempDir();
    const disk = mkdtempSync(join(SHM, 'ccarchiver-test-'));
    onTestFinished(() => rmSync(disk, { recursive: true, force: true }));
    const file = stage(data);
    const root = join(disk, 'oods');
    expect(await target(root, data).deliver(file)).toMatchObject({ outcome: 'delivered', copy: true });
    expect(digest(join(root, `${file.relative}.fits`))).toBe(file.seal.sha256);
    expect(readdirSync(join(disk, '.tmp'))).toEqual([]);
    expect(await target(root, data).deliver(file)).toMatchObject({ outcome: 'delivered', copy: true });
  });
});

describeUnless(whyNoMemoryDisk(), 'A disk', () => {
  it('that is full: DISK_FULL, nothing left in part, and delivered once there is space', async () => {
    const data = tempDir();
    const disk = memoryDisk('size=3m');
    writeFileSync(join(disk, 'ballast'), Buffer.alloc(2 * 1024 * 1024));
    const file = stage(data);
    const root = join(disk, 'oods');
    await expect(target(root, data).deliver(file)).rejects.toMatchObject({ code: 'DISK_FULL', retryable: true });
    expect(filesBelow(root)).toEqual([`${file.relative}.json`]);
    expect(readdirSync(join(disk, '.tmp'))).toEqual([]);
    rmSync(join(disk, 'ballast'));
    expect(await target(root, data).deliver(file)).toMatchObject({ outcome: 'delivered' });
    expect(statSync(join(root, `${file.relative}.fits`)).size).toBe(BYTES);
  });

  it('that is read-only: FOLDER_UNWRITABLE', async () => {
    const data = tempDir();
    const disk = memoryDisk('ro');
    const file = stage(data);
    await expect(target(join(disk, 'oods'), data).deliver(file)).rejects.toMatchObject({
      code: 'FOLDER_UNWRITABLE',
      retryable: true,
    });
  });

  it('that is the target’s own root: copies would be prepared on another one, which is refused', async () => {
    const data = tempDir();
    const disk = memoryDisk('size=8m');
    await expect(target(disk, data).deliver(stage(data))).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});

describeUnless(process.getuid?.() === 0 ? 'root may write everywhere' : undefined, 'A folder of others', () => {
  it('is FOLDER_UNWRITABLE', async () => {
    const data = tempDir();
    mkdirSync(join(data, 'oods'));
    chmodSync(join(data, 'oods'), 0o555);
    const delivery = target(join(data, 'oods'), data).deliver(stage(data));
    await expect(delivery).rejects.toMatchObject({ code: 'FOLDER_UNWRITABLE' });
  });
});
