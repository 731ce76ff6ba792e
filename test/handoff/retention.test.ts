import { chmodSync, existsSync, mkdirSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type RetentionOptions, sweepBuffer } from '../../src/handoff/retention.js';
import { handedOffRaw, NEW, nameOf, noonOf, OLD } from './handed-off-raw.js';
import { filesBelow } from './staged.js';

const FAR_MORE_THAN_ANY_DISK = 1e18;

const pair = (obsid: string) => ['.fits', '.json'].map((end) => `${nameOf(obsid)}${end}`);

async function setUp(mode?: 'link' | 'copy') {
  const { root, ledger } = await handedOffRaw(mode);
  const folder = join(root, 'oods');
  const sweep = (changes: Partial<RetentionOptions> = {}) =>
    sweepBuffer({
      ...{ folder, root, ledger: ledger.view(), clock: noonOf('2024-11-10'), keepDays: 5, minFreeBytes: 0 },
      pins: join(root, 'pins'),
      ...changes,
    });
  const pin = (name: string) => {
    mkdirSync(join(root, 'pins'), { recursive: true });
    writeFileSync(join(root, 'pins', name), '');
  };
  return { root, folder, sweep, pin, left: () => filesBelow(folder) };
}

describe('The buffer', () => {
  it('loses what is older than its days, with its empty folders, while the archive keeps it', async () => {
    const { root, folder, sweep, left } = await setUp();
    expect(await sweep()).toBe(1);
    expect(left()).toEqual(pair(NEW));
    expect(existsSync(join(folder, 'LSSTComCam/20241101'))).toBe(false);
    for (const path of [...pair(OLD), ...pair(NEW)]) expect(existsSync(join(root, 'archive', path))).toBe(true);
    expect(await sweep()).toBe(0);
  });

  it('keeps all of it when no limit is set', async () => {
    const { sweep, left } = await setUp();
    expect(await sweep({ keepDays: 0 })).toBe(0);
    expect(left()).toHaveLength(4);
  });

  it.each([OLD, '20241101'])('keeps what is pinned by %s, however old', async (name) => {
    const { sweep, pin, left } = await setUp();
    pin(name);
    expect(await sweep({ keepDays: 1, clock: noonOf('2025-11-10') })).toBe(1);
    expect(left()).toEqual(pair(OLD));
  });

  it('keeps a file whose own in the archive is gone or short: it may be the last one', async () => {
    const { root, sweep } = await setUp('copy');
    unlinkSync(join(root, 'archive', `${nameOf(OLD)}.fits`));
    const short = join(root, 'archive', `${nameOf(NEW)}.fits`);
    chmodSync(short, 0o644);
    truncateSync(short, 1);
    expect(await sweep({ clock: noonOf('2025-11-10') })).toBe(0);
  });

  it('keeps what the ledger did not deliver, and the folder that it stands in', async () => {
    const { folder, sweep, left } = await setUp();
    const theirs = join(folder, 'LSSTComCam/20241101', OLD, 'notes.txt');
    writeFileSync(theirs, 'of a consumer');
    writeFileSync(theirs.replace('notes.txt', `${OLD}_R22_S12.fits`), 'of a consumer');
    expect(await sweep()).toBe(1);
    expect(left().filter((path) => path.includes(OLD))).toHaveLength(2);
  });

  it('loses its oldest copies first while its disk has too little room, and no links, which give none back', async () => {
    const copies = await setUp('copy');
    expect(await copies.sweep({ keepDays: 0, minFreeBytes: FAR_MORE_THAN_ANY_DISK })).toBe(2);
    expect(copies.left()).toEqual([]);
    const links = await setUp('link');
    expect(await links.sweep({ keepDays: 0, minFreeBytes: FAR_MORE_THAN_ANY_DISK })).toBe(0);
    expect(links.left()).toHaveLength(4);
  });

  it('that is not there loses nothing', async () => {
    const { sweep } = await setUp();
    expect(await sweep({ folder: '/nowhere' })).toBe(0);
  });
});
