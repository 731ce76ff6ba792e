import type { Timer } from '../model/clock.js';
import { asArchiverError } from '../model/errors.js';

/** Waits between tries, in milliseconds; the last one repeats. */
const BACK_OFF_MS = [50, 200, 500, 1000, 2000] as const;
/** An input that has ended the assembler this often is not given to it again. */
const MAX_DEATHS = 2;

/**
 * Repeats `work` as long as its errors are retryable by the error table and `signal` has not aborted.
 * @throws the last error
 */
export async function retrying<T>(limit: { clock: Timer; signal: AbortSignal }, work: () => Promise<T>): Promise<T> {
  let deaths = 0;
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (thrown) {
      const error = asArchiverError(thrown);
      if (error.code === 'ASSEMBLER_DIED') deaths++;
      if (!error.retryable || deaths >= MAX_DEATHS || limit.signal.aborted) throw error;
      const wait = BACK_OFF_MS[Math.min(attempt, BACK_OFF_MS.length - 1)] ?? 2000;
      await limit.clock.delay(wait, limit.signal).catch(() => {
        throw error;
      });
    }
  }
}
