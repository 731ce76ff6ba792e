import type { ArchiverError } from '../model/errors.js';

/** Waits between the tries of a staging job, in milliseconds; the last one repeats. */
export const BACK_OFF_MS = [100, 500, 2_000, 10_000, 60_000] as const;

/**
 * How long to wait before the next try, by the error table alone; undefined when there is none, because the error
 * would repeat or the tries are used up.
 * @param attempt the try that failed, 1 for the first
 * @param most tries in all
 */
export function retryDelayMs(error: ArchiverError, attempt: number, most: number): number | undefined {
  if (!error.retryable || attempt >= most) return undefined;
  return BACK_OFF_MS[Math.min(attempt, BACK_OFF_MS.length) - 1];
}
