import type { DeliveryRow, FileState } from '../port.js';

/**
 * What a call does to a row that is in a certain state: the next state, 'same' (a repeat or a message that comes too
 * late: nothing changes), or 'refused' (it states what cannot be so: INTERNAL). docs/ledger.md shows these tables
 * and is tested equal to them.
 */
export type Step<State> = State | 'same' | 'refused';

/** A row that does not exist yet is 'none'. */
export type FileCall = 'recordWritten' | 'recordSeal' | 'recordSeal (error)';

/**
 * A file is written once; a seal is its read-back. A read-back that failed leaves the file failed until it is
 * written or read again; one that fails after another has succeeded is late and means nothing.
 */
export const FILE_STEPS: Readonly<Record<FileCall, Readonly<Record<'none' | FileState, Step<FileState>>>>> = {
  recordWritten: { none: 'written', written: 'same', sealed: 'same', failed: 'written' },
  recordSeal: { none: 'refused', written: 'sealed', sealed: 'same', failed: 'sealed' },
  'recordSeal (error)': { none: 'refused', written: 'failed', sealed: 'same', failed: 'same' },
};

export type DeliveryState = DeliveryRow['state'];

/** Outcomes that a delivery may report; only of sealed files, all other file states refuse. */
export type DeliveryCall = Exclude<DeliveryState, 'pending'>;

/**
 * Delivered is for ever: a consumer may have taken the file already. A failure of an older try never overturns a
 * conflict.
 */
export const DELIVERY_STEPS: Readonly<
  Record<DeliveryCall, Readonly<Record<'none' | DeliveryState, Step<DeliveryState>>>>
> = {
  delivered: { none: 'refused', pending: 'delivered', failed: 'delivered', conflict: 'delivered', delivered: 'same' },
  conflict: { none: 'refused', pending: 'conflict', failed: 'conflict', conflict: 'same', delivered: 'same' },
  failed: { none: 'refused', pending: 'failed', failed: 'failed', conflict: 'same', delivered: 'same' },
};
