import type { Timer } from '../model/clock.js';
import { ArchiverError } from '../model/errors.js';
import type { HeaderPackage } from '../model/header-package.js';
import type { PackageParser } from './parser.js';

/** A package as it stands now. */
export interface Look {
  readonly text: string;
  /** Path or URL, for messages. */
  readonly where: string;
  /** Nobody has written to it for a while. */
  readonly settled: boolean;
}

export interface Poll {
  readonly obsid: string;
  readonly signal: AbortSignal;
  readonly timer: Timer;
  readonly parser: PackageParser;
  /** Between two looks. */
  readonly everyMs: number;
  /** Nobody writes packages any more: one that is not there will not come. */
  readonly isComplete: boolean;
  /** null: it is not there yet. */
  readonly look: (signal: AbortSignal) => Promise<Look | null>;
}

/** A text that is no package, and that nobody has changed for so long, is not one that is still being written. */
const GIVE_UP_MS = 2000;

/**
 * Looks until a package is there and whole. The service does not write it at once, so what was written just now
 * counts only when two looks in a row see the same text; and a writer may pause, so what cannot be used yet is given time.
 * @throws ArchiverError HEADER_MISSING when the signal aborts, or at once when none will come; HEADER_INVALID, HEADER_WRONG_IMAGE
 */
export async function pollPackage(poll: Poll): Promise<HeaderPackage> {
  const { obsid, signal, timer } = poll;
  const began = timer.monotonicMs();
  let previous: string | undefined;
  let since = began;
  while (!signal.aborted) {
    const seen = await untilAborted(poll.look(signal), signal);
    if (seen === null && poll.isComplete) break;
    poll.parser.start();
    if (seen?.text !== previous) since = timer.monotonicMs();
    if (seen !== null && (poll.isComplete || seen.settled || seen.text === previous)) {
      try {
        return await poll.parser.parse(seen.text, { where: seen.where, obsid });
      } catch (error) {
        if (signal.aborted) break;
        if (poll.isComplete || timer.monotonicMs() - since >= GIVE_UP_MS) throw error;
      }
    }
    previous = seen?.text;
    await untilAborted(timer.delay(poll.everyMs, signal), signal);
  }
  const seconds = Math.round((timer.monotonicMs() - began) / 100) / 10;
  throw new ArchiverError('HEADER_MISSING', { obsid, seconds });
}

/** A failure that the abort itself caused is no failure of the package. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (signal.aborted) return null;
    throw error;
  }
}
