import type { Clock } from '../model/clock.js';
import { type ArchiverError, ERRORS } from '../model/errors.js';
import { isoFromTai, taiNow } from '../model/time.js';
import type { ArchiverEvent } from './port.js';

/** What is told when the archiver can acknowledge nothing, and, without an error, when it can again. It is no fact of the ledger, which may be what cannot be written. */
export function errorCodeEvent(
  error: ArchiverError | undefined,
  { archiverName, clock }: { readonly archiverName: string; readonly clock: Clock },
): ArchiverEvent {
  const time = isoFromTai(taiNow(clock));
  return {
    type: 'errorCode',
    id: `errorCode.${archiverName}.${time}`,
    time,
    version: 1,
    archiverName,
    errorCode: error === undefined ? 0 : ERRORS[error.code].status,
    errorReport: error === undefined ? '' : `${error.code}: ${error.message}`,
  };
}
