import type { Timer } from '../model/clock.js';

/** What `within` gives when the time is over. */
export const EXPIRED: unique symbol = Symbol('expired');

/** The result of `work`, or EXPIRED once `seconds` have passed since the monotonic time that `from` resolves to. */
export async function within<T>(
  work: Promise<T>,
  limit: { readonly from: Promise<number>; readonly seconds: number; readonly clock: Timer },
): Promise<T | typeof EXPIRED> {
  const stop = new AbortController();
  const expiry = limit.from.then(async (from): Promise<typeof EXPIRED> => {
    const left = from + limit.seconds * 1000 - limit.clock.monotonicMs();
    await limit.clock.delay(Math.max(0, left), stop.signal);
    return EXPIRED;
  });
  expiry.catch(() => undefined); // aborted below
  try {
    return await Promise.race([work, expiry]);
  } finally {
    stop.abort();
  }
}
