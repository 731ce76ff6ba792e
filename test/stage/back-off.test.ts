import { describe, expect, it } from 'vitest';
import { ArchiverError, ERRORS, type ErrorCode } from '../../src/model/errors.js';
import { retryDelayMs } from '../../src/stage/back-off.js';

describe('The next try of a staging job', () => {
  it.each(Object.keys(ERRORS) as ErrorCode[])('after %s is decided by the error table alone', (code) => {
    const delay = retryDelayMs(new ArchiverError(code), 1, Number.POSITIVE_INFINITY);
    expect(delay !== undefined).toBe(ERRORS[code].retry !== null);
  });

  it('waits longer each time, up to a limit', () => {
    const full = new ArchiverError('DISK_FULL', { path: '/data' });
    const delays = [1, 2, 3, 4, 5, 6, 1000].map((attempt) => retryDelayMs(full, attempt, Number.POSITIVE_INFINITY));
    expect(delays).toEqual([100, 200, 400, 800, 1600, 3200, 4000]);
  });

  it('does not come when the tries are used up', () => {
    const full = new ArchiverError('DISK_FULL', { path: '/data' });
    expect(retryDelayMs(full, 2, 3)).toBeDefined();
    expect(retryDelayMs(full, 3, 3)).toBeUndefined();
  });
});
