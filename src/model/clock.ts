import { setMaxListeners } from 'node:events';
import { setTimeout as timer } from 'node:timers/promises';

/** The two clocks of the program, injectable so that tests own time. */
export interface Clock {
  /** UTC milliseconds since 1970 as the system knows them: for stamps, never for durations. */
  nowUtcMs(): number;
  /** Milliseconds from an arbitrary origin that never go back: for durations and deadlines. */
  monotonicMs(): number;
}

/** A clock that can be waited on. */
export interface Timer extends Clock {
  /** Resolves after ms on the monotonic clock; rejects when the signal aborts. */
  delay(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Timer = {
  nowUtcMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  delay: (ms, signal) => {
    if (signal === undefined) return timer(ms);
    setMaxListeners(0, signal); // all sources of an image may wait with one signal; each takes its listener away when it is done
    return timer(ms, undefined, { signal });
  },
};
