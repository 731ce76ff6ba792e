import type { Timer } from '../model/clock.js';

/** What `within` gives when the time is over. */
export const EXPIRED: unique symbol = Symbol('expired');

export interface Limit {
  /** Resolves to the monotonic time from which `seconds` are counted. */
  readonly from: Promise<number>;
  readonly seconds: number;
  readonly clock: Timer;
  /** Nobody waits any more: the clock is let go. */
  readonly signal?: AbortSignal;
}

/** The result of `work`, or EXPIRED once the limit has passed. @throws what `work` throws, and the reason of the limit's signal */
export async function within<T>(work: Promise<T>, limit: Limit): Promise<T | typeof EXPIRED> {
  const stop = new AbortController();
  const signal = limit.signal === undefined ? stop.signal : AbortSignal.any([stop.signal, limit.signal]);
  const expiry = limit.from.then(async (from): Promise<typeof EXPIRED> => {
    const left = from + limit.seconds * 1000 - limit.clock.monotonicMs();
    signal.throwIfAborted();
    await limit.clock.delay(Math.max(0, left), signal);
    return EXPIRED;
  });
  expiry.catch(() => undefined); // aborted below
  try {
    return await Promise.race([work, expiry]);
  } finally {
    stop.abort();
  }
}
