import { mkdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import type { StagedFile, StagingTarget } from '../../src/handoff/port.js';
import type { Product } from '../../src/model/ids.js';
import { digest, filesBelow, mode, stage } from '../handoff/staged.js';
import { fileId, SENSORS } from '../stage/records.js';
import { tempDir } from '../support/temp.js';

export interface TargetSubject {
  readonly target: StagingTarget;
  /** The folder that its consumers read. */
  readonly root: string;
}

/**
 * What every StagingTarget that is a folder promises. `open` gives a new one whose folders are below `data`, for
 * files of this product.
 */
export function stagingTargetConformance(name: string, product: Product, open: (data: string) => TargetSubject): void {
  describe(`${name} as a StagingTarget`, () => {
    let data: string;
    let target: StagingTarget;
    let root: string;
    let file: StagedFile;

    beforeEach(() => {
      data = tempDir();
      ({ target, root } = open(data));
      file = stage(data, fileId('S11', product));
    });

    const placed = (staged: StagedFile) => join(root, staged.relative);

    it('puts file and sidecar under their names, read-only, with the digests that were sealed', async () => {
      expect(target.accepts(file.id)).toBe(true);
      const delivery = await target.deliver(file);
      expect(delivery.outcome).toBe('delivered');
      expect(fileURLToPath(delivery.uri)).toBe(`${placed(file)}.fits`);
      expect(digest(`${placed(file)}.fits`)).toBe(file.seal.sha256);
      expect(digest(`${placed(file)}.fits`, 'md5')).toBe(file.seal.md5);
      expect(readFileSync(`${placed(file)}.json`, 'utf8')).toBe(readFileSync(file.sidecarPath, 'utf8'));
      expect([mode(`${placed(file)}.fits`), mode(`${placed(file)}.json`)]).toEqual([0o444, 0o444]);
      expect(mode(dirname(placed(file)))).toBe(0o755);
    });

    it('delivers twice, and at the same time, as once', async () => {
      const outcomes = await Promise.all([target.deliver(file), target.deliver(file), target.deliver(file)]);
      expect(outcomes.map(({ outcome }) => outcome)).toEqual(['delivered', 'delivered', 'delivered']);
      const before = { files: filesBelow(root), inode: statSync(`${placed(file)}.fits`).ino };
      expect(await target.deliver(file)).toMatchObject({ outcome: 'delivered' });
      expect({ files: filesBelow(root), inode: statSync(`${placed(file)}.fits`).ino }).toEqual(before);
      expect(before.files).toHaveLength(2);
    });

    it('takes a file of the same content for its own, whoever put it there', async () => {
      mkdirSync(dirname(placed(file)), { recursive: true });
      writeFileSync(`${placed(file)}.fits`, readFileSync(file.path));
      expect(await target.deliver(file)).toMatchObject({ outcome: 'delivered', copy: true });
    });

    it.each(['fits', 'json'])('never overwrites another .%s: ours is set aside, once', async (extension) => {
      mkdirSync(dirname(placed(file)), { recursive: true });
      const theirs = Buffer.alloc(extension === 'fits' ? file.bytes : 7, 1);
      writeFileSync(`${placed(file)}.${extension}`, theirs);
      const first = await target.deliver(file);
      const second = await target.deliver(file);
      expect(first).toEqual({
        outcome: 'conflict',
        uri: expect.stringContaining(file.relative),
        asidePath: join(data, 'quarantine', target.name, `${file.relative}.fits.1`),
      });
      expect(second).toEqual(first);
      expect(readFileSync(`${placed(file)}.${extension}`).equals(theirs)).toBe(true);
      expect(digest(join(data, 'quarantine', target.name, `${file.relative}.fits.1`))).toBe(file.seal.sha256);
      expect(filesBelow(join(data, 'quarantine'))).toHaveLength(2);
      if (extension === 'json') expect(filesBelow(root)).toEqual([`${file.relative}.json`]);
    });

    it('sets a second, different conflict aside beside the first', async () => {
      mkdirSync(dirname(placed(file)), { recursive: true });
      writeFileSync(`${placed(file)}.fits`, 'theirs');
      await target.deliver(file);
      const other = stage(join(data, 'other'), file.id);
      expect(await target.deliver(other)).toMatchObject({
        asidePath: join(data, 'quarantine', target.name, `${file.relative}.fits.2`),
      });
    });

    it('finishes a delivery that ended between sidecar and file', async () => {
      await target.deliver(file);
      unlinkSync(`${placed(file)}.fits`);
      expect(await target.deliver(file)).toMatchObject({ outcome: 'delivered' });
      expect(filesBelow(root)).toEqual([`${file.relative}.fits`, `${file.relative}.json`]);
    });

    it('delivers the CCDs of an image side by side', async () => {
      const files = SENSORS.map((sensor) => stage(join(data, 'image'), fileId(sensor, product), 2880));
      await Promise.all(files.map((each) => target.deliver(each)));
      for (const each of files) expect(digest(`${placed(each)}.fits`)).toBe(each.seal.sha256);
    });

    it('says that our file is gone, and puts nothing there', async () => {
      unlinkSync(file.path);
      await expect(target.deliver(file)).rejects.toMatchObject({ code: 'FILE_MISSING' });
      expect(filesBelow(root).filter((each) => each.endsWith('.fits'))).toEqual([]);
    });

    it('refuses a path that is not made of ids', async () => {
      const outside = target.deliver({ ...file, relative: '../../outside' });
      await expect(outside).rejects.toMatchObject({ code: 'INTERNAL' });
    });
  });
}
