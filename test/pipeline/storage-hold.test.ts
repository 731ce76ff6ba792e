import { describe, expect, it, onTestFinished } from 'vitest';
import { ArchiverError } from '../../src/model/errors.js';
import { EXPIRED, within } from '../../src/pipeline/deadline.js';
import { StorageHold } from '../../src/pipeline/storage-hold.js';
import { ManualTimer } from '../support/manual-timer.js';

const RESERVE = 1000;
const FAILED = new ArchiverError('WRITE_FAILED', { path: '/data/.tmp/x', reason: 'EIO' });

/** A hold over a disk that is as the test says; all promises have run when `open` and `pass` return. */
async function open() {
  const clock = new ManualTimer();
  const disk = { path: '/data', free: 5000, broken: undefined as ArchiverError | undefined, proofs: 0 };
  const told: (string | undefined)[] = [];
  const hold = new StorageHold({
    disk: {
      path: disk.path,
      freeBytes: async () => disk.free,
      prove: async () => {
        disk.proofs++;
        if (disk.broken !== undefined) throw disk.broken;
      },
    },
    clock,
    reserveBytes: RESERVE,
    onChange: (error) => told.push(error?.code),
  });
  onTestFinished(async () => {
    const closed = hold.close();
    await clock.advance(0);
    await closed;
  });
  const pass = async (seconds: number) => {
    for (let step = 0; step < seconds * 10; step++) await clock.advance(100);
  };
  await clock.advance(0);
  return { clock, disk, told, hold, pass };
}

describe('a hold of the storage', () => {
  it('begins within two seconds of the disk having less than the reserve, and ends when it has a tenth more', async () => {
    const { disk, told, hold, pass } = await open();
    disk.free = 999;
    await pass(2);
    expect([hold.reason?.code, told]).toEqual(['DISK_FULL', ['DISK_FULL']]);
    disk.free = 1099;
    await pass(5);
    expect(hold.reason?.code).toBe('DISK_FULL');
    disk.free = 1100;
    await pass(2);
    expect([hold.reason, told]).toEqual([undefined, ['DISK_FULL', undefined]]);
  });

  it('begins when a write has failed and the disk takes no other, and ends when it does', async () => {
    const { disk, told, hold, pass } = await open();
    disk.broken = FAILED;
    await pass(3);
    expect([hold.reason, disk.proofs]).toEqual([undefined, 0]); // a disk that is well is not written to
    await hold.check();
    expect(hold.reason).toBe(FAILED);
    disk.broken = undefined;
    await pass(2);
    expect(told).toEqual(['WRITE_FAILED', undefined]);
  });

  it('does not begin for one file that cannot be written', async () => {
    const { disk, told, hold } = await open();
    await hold.check();
    expect([hold.reason, told, disk.proofs]).toEqual([undefined, [], 1]);
  });
});

describe('a deadline', () => {
  it('stands still during a hold, and goes on after it', async () => {
    const { disk, hold, pass, clock } = await open();
    const { timer } = hold;
    let result: unknown;
    const limit = { from: Promise.resolve(timer.monotonicMs()), seconds: 10, clock: timer };
    within(new Promise(() => undefined), limit).then((value) => (result = value));
    await pass(4);
    disk.broken = FAILED;
    await hold.check();
    await pass(3600);
    expect(result).toBeUndefined();
    disk.broken = undefined;
    await pass(1); // is seen by the next look
    const left = timer.monotonicMs();
    expect(left).toBeLessThanOrEqual(5000);
    await pass((10_000 - left) / 1000 - 0.1);
    expect(result).toBeUndefined();
    await pass(0.2);
    expect(result).toBe(EXPIRED);
    expect(clock.monotonicMs()).toBeGreaterThan(3_600_000);
  });

  it('can be let go of during a hold', async () => {
    const { disk, hold, pass } = await open();
    const { timer } = hold;
    const stop = new AbortController();
    let ended: unknown;
    timer.delay(100, stop.signal).catch((reason) => (ended = reason));
    disk.broken = FAILED;
    await hold.check();
    await pass(10);
    expect(ended).toBeUndefined();
    stop.abort('left');
    await pass(0.1);
    expect(ended).toBe('left');
  });
});
