import { type ArchiverError, retryWaitMs } from '../model/errors.js';

/**
 * How long to wait before the next try of a staging job, by the error table alone; undefined when there is none, because the error
 * would repeat or the tries are used up.
 * @param attempt the try that failed, 1 for the first
 * @param most tries in all
 */
export function retryDelayMs({ retry }: ArchiverError, attempt: number, most: number): number | undefined {
  return retry === null || attempt >= most ? undefined : retryWaitMs(retry, attempt);
}
