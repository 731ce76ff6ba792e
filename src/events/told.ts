import type { Clock } from '../model/clock.js';
import { type ArchiverError, ERRORS } from '../model/errors.js';
import { isoFromTai, taiNow } from '../model/time.js';
import type { ArchiverEvent, EventBody } from './port.js';

/** Who tells, and when. */
export interface Teller {
  readonly archiverName: string;
  readonly clock: Clock;
}

/** The archiver can acknowledge nothing, or, without an error, it can again. It is no fact of the ledger, which may be what cannot be written. */
export function errorCodeEvent(error: ArchiverError | undefined, teller: Teller): ArchiverEvent {
  return toldNow(teller, {
    type: 'errorCode',
    archiverName: teller.archiverName,
    errorCode: error === undefined ? 0 : ERRORS[error.code].status,
    errorReport: error === undefined ? '' : `${error.code}: ${error.message}`,
  });
}

export type Resources = Omit<Extract<EventBody, { type: 'archiverResources' }>, 'type' | 'archiverName'>;

export function resourcesEvent(resources: Resources, teller: Teller): ArchiverEvent {
  return toldNow(teller, { type: 'archiverResources', archiverName: teller.archiverName, ...resources });
}

export type Damage = Pick<
  Extract<EventBody, { type: 'fileDamaged' }>,
  'camera' | 'obsid' | 'raft' | 'sensor' | 'path' | 'repaired' | 'description'
>;

export function damageEvent(damage: Damage, teller: Teller): ArchiverEvent {
  return toldNow(teller, { type: 'fileDamaged', archiverName: teller.archiverName, ...damage });
}

export type MissingOfVisit = Pick<
  Extract<EventBody, { type: 'visitIncomplete' }>,
  'instrument' | 'groupId' | 'missing'
>;

export function visitIncompleteEvent(visit: MissingOfVisit, teller: Teller): ArchiverEvent {
  return toldNow(teller, { type: 'visitIncomplete', archiverName: teller.archiverName, ...visit });
}

export function unmatchedEvent(obsid: string, teller: Teller): ArchiverEvent {
  return toldNow(teller, { type: 'imageUnmatched', archiverName: teller.archiverName, obsid });
}

/** What is told as it happens and stands in no ledger. */
const TOLD: ReadonlySet<ArchiverEvent['type']> = new Set([
  'errorCode',
  'archiverResources',
  'fileDamaged',
  'visitIncomplete',
  'imageUnmatched',
]);

export function isTold({ type }: ArchiverEvent): boolean {
  return TOLD.has(type);
}

function toldNow({ archiverName, clock }: Teller, body: EventBody): ArchiverEvent {
  const time = isoFromTai(taiNow(clock));
  return { ...body, id: `${body.type}.${archiverName}.${time}`, time, version: 1 };
}
