import { describe, expect, it } from 'vitest';
import { ArchiverError, type ErrorCode } from '../../src/model/errors.js';
import { retrying, retryingFor } from '../../src/pipeline/retry.js';
import { ManualTimer } from '../support/manual-timer.js';

/** A disk that is well whenever it is looked at. */
const storage = { check: async () => undefined };

function failing(code: ErrorCode, times: number) {
  let tries = 0;
  const work = async () => {
    tries++;
    if (tries <= times) throw new ArchiverError(code, { path: '/x', reason: 'test' });
    return tries;
  };
  return { work, tries: () => tries };
}

/** Lets the retries run by moving the clock on until they have ended. */
async function settle<T>(clock: ManualTimer, work: Promise<T>): Promise<T> {
  let done = false;
  work.then(
    () => {
      done = true;
    },
    () => {
      done = true;
    },
  );
  while (!done) await clock.advance(1000);
  return work;
}

describe('retrying', () => {
  it('repeats what the error table calls retryable until it succeeds', async () => {
    const clock = new ManualTimer();
    const { work } = failing('DISK_FULL', 7);
    expect(await settle(clock, retrying({ clock, storage }, new AbortController().signal, work))).toBe(8);
  });

  it('does not repeat what will fail again', async () => {
    const clock = new ManualTimer();
    const { work, tries } = failing('SOURCE_TRUNCATED', 1);
    const error = await settle(clock, retrying({ clock, storage }, new AbortController().signal, work)).catch((e) => e);
    expect(error.code).toBe('SOURCE_TRUNCATED');
    expect(tries()).toBe(1);
  });

  it('sets an input aside that has ended the assembler twice', async () => {
    const clock = new ManualTimer();
    const { work, tries } = failing('ASSEMBLER_DIED', 99);
    const error = await settle(clock, retrying({ clock, storage }, new AbortController().signal, work)).catch((e) => e);
    expect(error.code).toBe('ASSEMBLER_DIED');
    expect(tries()).toBe(2);
  });

  it('ends with the last error at the image deadline', async () => {
    const clock = new ManualTimer();
    const stop = new AbortController();
    const { work } = failing('DISK_FULL', 1e9);
    const result = retrying({ clock, storage }, stop.signal, work).catch((e) => e);
    await clock.advance(10);
    stop.abort();
    expect((await result).code).toBe('DISK_FULL');
  });

  it('ends when its time is over, with the error of the last try', async () => {
    const clock = new ManualTimer();
    const { work, tries } = failing('DISK_FULL', 1000);
    const over = settle(
      clock,
      retryingFor({ clock, storage }, { seconds: 30, signal: new AbortController().signal }, work),
    );
    await expect(over).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(tries()).toBeGreaterThan(10);
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(30_000);
    expect(clock.monotonicMs()).toBeLessThan(36_000);
  });
});
