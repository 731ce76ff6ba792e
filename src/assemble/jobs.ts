import type { DaqAddress } from '../daq/address.js';
import type { ImageTag } from '../daq/port.js';
import type { ErrorData } from '../model/errors.js';
import type { FileOrder, FileSpec, Handle } from '../native/contract.js';
import type { Band } from './plan.js';

/** Pull bands of one source and compress them, one after the other: the task of workers/band.ts. */
export interface BandTask {
  readonly handle: Handle;
  readonly tag: ImageTag;
  readonly location: string;
  readonly bands: readonly Band[];
}

/** What became of a task's bands. */
export interface BandResult {
  /** CRC-32 of the bytes of each band that was compressed, from the first on. */
  readonly sums: readonly number[];
  /** Why the next band was not; those after it were not tried. */
  readonly error?: ErrorData;
}

/** What every thread that pulls bands is started with. */
export interface BandThreadOptions {
  readonly daq: DaqAddress;
}

/** Gather and write one file: the task of workers/finish.ts. */
export interface FinishTask {
  readonly handle: Handle;
  readonly file: FileSpec;
}

/** The pixels of a file under other headers, as another file: the task of workers/finish.ts, too. */
export interface RewriteTask {
  /** Absolute path of the file whose pixels are taken. */
  readonly from: string;
  /** DATASUM of each of its HDUs as it was written: its pixels are proved to be those. */
  readonly dataSums: readonly number[];
  readonly file: FileOrder;
}

/** Read a file back and digest it: the task of workers/seal.ts. */
export interface SealTask {
  readonly path: string;
  readonly bytes: number;
  readonly sidecarPath: string;
}
