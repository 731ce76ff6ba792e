import { describe, expect, it } from 'vitest';
import { EXPIRED, within } from '../../src/pipeline/deadline.js';
import { ManualTimer } from '../support/manual-timer.js';

const never = new Promise<never>(() => undefined);

describe('a deadline from the end of readout', () => {
  it('gives the work its result when it comes in time', async () => {
    const clock = new ManualTimer();
    const from = Promise.resolve(0);
    expect(await within(Promise.resolve('header'), { from, seconds: 35, clock })).toBe('header');
  });

  it('expires when the time is over, counted from the end of readout and not from the call', async () => {
    const clock = new ManualTimer();
    let end!: (at: number) => void;
    const from = new Promise<number>((resolve) => {
      end = resolve;
    });
    let result: unknown;
    const done = within(never, { from, seconds: 35, clock }).then((value) => {
      result = value;
    });
    await clock.advance(100_000);
    end(clock.monotonicMs());
    await clock.advance(0);
    await clock.advance(34_999);
    expect(result).toBeUndefined();
    await clock.advance(1);
    await done;
    expect(result).toBe(EXPIRED);
  });

  it('has expired at once when the end of readout is long past', async () => {
    const clock = new ManualTimer();
    await clock.advance(60_000);
    const work = within(never, { from: Promise.resolve(0), seconds: 35, clock });
    await clock.advance(0);
    await clock.advance(0);
    expect(await work).toBe(EXPIRED);
  });

  it("passes the work's own failure on", async () => {
    const clock = new ManualTimer();
    const work = Promise.reject(new Error('damaged'));
    await expect(within(work, { from: Promise.resolve(0), seconds: 1, clock })).rejects.toThrow('damaged');
  });
});
