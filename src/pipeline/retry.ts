import type { Timer } from '../model/clock.js';
import { type ArchiverError, asArchiverError } from '../model/errors.js';
import { joinSignals } from '../model/signals.js';

/** Waits between tries, in milliseconds; the last one repeats. */
const BACK_OFF_MS = [50, 200, 500, 1000, 2000] as const;
/** An input that has ended the assembler this often is not given to it again. */
const MAX_DEATHS = 2;

/** The assembler process ended under this work, by itself or because it hung. */
export const isDeath = ({ code }: ArchiverError) => code === 'ASSEMBLER_DIED' || code === 'ASSEMBLER_HUNG';

/** What the earlier tries have come to. */
export interface Tries {
  readonly failed: number;
  /** How many of them ended with the assembler process. */
  readonly deaths: number;
}

/**
 * Repeats `work` as long as its errors are retryable by the error table and `signal` has not aborted.
 * @throws the last error
 */
export async function retrying<T>(
  limit: { readonly clock: Timer; readonly signal: AbortSignal },
  work: (tries: Tries) => Promise<T>,
): Promise<T> {
  let deaths = 0;
  for (let failed = 0; ; failed++) {
    try {
      return await work({ failed, deaths });
    } catch (thrown) {
      const error = asArchiverError(thrown);
      if (isDeath(error)) deaths++;
      if (!error.retryable || deaths >= MAX_DEATHS || limit.signal.aborted) throw error;
      const wait = BACK_OFF_MS[Math.min(failed, BACK_OFF_MS.length - 1)] ?? 2000;
      await limit.clock.delay(wait, limit.signal).catch(() => {
        throw error;
      });
    }
  }
}

/** The same for so many seconds from now, and not beyond the signal. @throws the last error */
export async function retryingFor<T>(
  { clock, seconds, signal }: { readonly clock: Timer; readonly seconds: number; readonly signal: AbortSignal },
  work: () => Promise<T>,
): Promise<T> {
  const [expired, settled] = [new AbortController(), new AbortController()];
  const ended = joinSignals(expired.signal, signal);
  clock.delay(seconds * 1000, settled.signal).then(
    () => expired.abort(),
    () => undefined,
  );
  try {
    return await retrying({ clock, signal: ended.signal }, work);
  } finally {
    settled.abort();
    ended.release();
  }
}
