import { ArchiverError } from '../model/errors.js';
import type { ReadRange } from './port.js';

/** What every adapter demands of a read before it does anything. @throws DAQ_INVALID_REQUEST */
export function checkRange({ offset, length }: ReadRange, into: Uint8Array): void {
  if (into.length !== length) throw invalid(`${length} bytes into a buffer of ${into.length}`);
  if (!Number.isSafeInteger(offset) || offset < 0) throw invalid(`offset ${offset}`);
}

function invalid(problem: string): ArchiverError {
  return new ArchiverError('DAQ_INVALID_REQUEST', { problem });
}
