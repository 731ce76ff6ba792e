/** The two clocks of the program, injectable so that tests own time. */
export interface Clock {
  /** UTC milliseconds since 1970 as the system knows them: for stamps, never for durations. */
  nowUtcMs(): number;
  /** Milliseconds from an arbitrary origin that never go back: for durations and deadlines. */
  monotonicMs(): number;
}

export const systemClock: Clock = {
  nowUtcMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};
