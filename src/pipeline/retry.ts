import type { Timer } from '../model/clock.js';
import { type ArchiverError, asArchiverError, type RetryRule, retryWaitMs } from '../model/errors.js';
import { joinSignals } from '../model/signals.js';

/** The assembler process ended under this work, by itself or because it hung. */
export const isDeath = ({ code }: ArchiverError) => code === 'ASSEMBLER_DIED' || code === 'ASSEMBLER_HUNG';

/** What the earlier tries have come to. */
export interface Tries {
  readonly failed: number;
  /** How many of them ended with the assembler process. */
  readonly deaths: number;
}

export interface RetryServices {
  readonly clock: Timer;
  /** Looks at the disk of the data root. */
  readonly storage: { check(): Promise<void> };
}

/**
 * Repeats `work` by the rules of the error table, and until `signal` aborts.
 * @throws the last error
 */
export async function retrying<T>(
  { clock, storage }: RetryServices,
  signal: AbortSignal,
  work: (tries: Tries) => Promise<T>,
): Promise<T> {
  const failedBy = new Map<RetryRule, number>();
  for (let [failed, deaths] = [0, 0]; ; ) {
    try {
      return await work({ failed, deaths });
    } catch (thrown) {
      const error = asArchiverError(thrown);
      const { retry } = error;
      failed++;
      if (isDeath(error)) deaths++;
      if (retry === null || signal.aborted) throw error;
      const byRule = (failedBy.get(retry) ?? 0) + 1;
      failedBy.set(retry, byRule);
      if (retry.tries === byRule) throw error;
      if (retry.disk) await storage.check();
      await clock.delay(retryWaitMs(retry, byRule), signal).catch(() => {
        throw error;
      });
    }
  }
}

/** The same for so many seconds from now, and not beyond the signal. @throws the last error */
export async function retryingFor<T>(
  services: RetryServices,
  { seconds, signal }: { readonly seconds: number; readonly signal: AbortSignal },
  work: () => Promise<T>,
): Promise<T> {
  const [expired, settled] = [new AbortController(), new AbortController()];
  const ended = joinSignals(expired.signal, signal);
  services.clock.delay(seconds * 1000, settled.signal).then(
    () => expired.abort(),
    () => undefined,
  );
  try {
    return await retrying(services, ended.signal, work);
  } finally {
    settled.abort();
    ended.release();
  }
}
