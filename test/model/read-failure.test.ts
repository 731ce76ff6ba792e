import { expect, it } from 'vitest';
import { ArchiverError } from '../../src/model/errors.js';
import { readFailure } from '../../src/model/read-failure.js';

const failure = (code: string) => readFailure(Object.assign(new Error(`${code}: no`), { code }), '/data/a.fits');

it('A file that cannot be opened because too many are open is tried again; one that cannot be read is not', () => {
  for (const code of ['EMFILE', 'ENFILE']) {
    expect(failure(code)).toMatchObject({ code: 'DESCRIPTORS_EXHAUSTED', retryable: true });
  }
  expect(failure('EACCES')).toMatchObject({ code: 'FILE_UNREADABLE', retryable: false });
  expect(failure('ENOENT')).toMatchObject({ code: 'FILE_MISSING' });
});

it('A disk or a file server that is not well is no verdict on the file: it is read again', () => {
  for (const code of ['EIO', 'ESTALE', 'ETIMEDOUT']) {
    expect(failure(code)).toMatchObject({ code: 'READ_FAILED', retryable: true, retry: { tries: null, disk: true } });
  }
});

it('An error of the table stays what it is', () => {
  const error = new ArchiverError('SIZE_MISMATCH', { path: 'a', actual: 1, expected: 2 });
  expect(readFailure(error, 'a')).toBe(error);
});
