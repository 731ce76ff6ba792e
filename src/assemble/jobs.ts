import type { DaqAddress } from '../daq/address.js';
import type { ImageTag } from '../daq/port.js';
import type { FileSpec, Handle } from '../native/contract.js';
import type { Band } from './plan.js';

/** Pull one band of a source and compress it: the task of workers/band.ts. */
export interface BandTask {
  readonly handle: Handle;
  readonly daq: DaqAddress;
  readonly tag: ImageTag;
  readonly location: string;
  readonly band: Band;
}

/** Gather and write one file: the task of workers/finish.ts. */
export interface FinishTask {
  readonly handle: Handle;
  readonly file: FileSpec;
}

/** Read a file back and digest it: the task of workers/seal.ts. */
export interface SealTask {
  readonly path: string;
  readonly bytes: number;
}
