import type { Assembler } from '../assemble/port.js';
import type { Camera } from '../camera/types.js';
import type { DaqSource } from '../daq/port.js';
import type { HeaderSource } from '../header/port.js';
import type { Timer } from '../model/clock.js';
import type { ArchiverError } from '../model/errors.js';
import type { FileId, Product } from '../model/ids.js';
import type { Job, Ledger, MetadataLedger } from '../stage/port.js';
import type { StorageHold } from './storage-hold.js';
import type { Turns } from './turns.js';

export interface ArchiveSettings {
  readonly root: string;
  readonly version: string;
  readonly products: readonly Product[];
  readonly compression: 'rice' | 'none';
  readonly expect: 'camera' | 'image';
  readonly folderMode: number;
  /** Seconds from the end of readout. */
  readonly deadlines: { readonly source: number; readonly header: number; readonly image: number };
  /** Seconds that whole pixels wait for their header in the pool, then on disk. */
  readonly pool: { readonly spillAfter: number };
  /** Bytes that set-aside sources may take. */
  readonly quarantine: { readonly megabytes: number };
  /** Whether events and header packages may still come; a capture holds all there will ever be. */
  readonly live: boolean;
}

/** Everything that archiving one image needs, by its ports. */
export interface ArchiveServices {
  readonly daq: DaqSource;
  readonly headers: HeaderSource | undefined;
  readonly assembler: Assembler;
  readonly ledger: Ledger & MetadataLedger;
  readonly camera: Camera;
  /** Of deadlines and retries; it stands still while the storage is held. */
  readonly clock: Timer;
  readonly storage: StorageHold;
  readonly settings: ArchiveSettings;
  /** Sources that were in work when the assembler died, one at a time. */
  readonly suspects: Turns;
  /** Rings the staging queue after the ledger's commit. */
  readonly stage: (jobs: readonly Job[]) => Promise<void>;
  /** Names of the targets that a file goes to. */
  readonly targetsOf: (file: FileId) => string[];
  /** What went wrong without ending the image, and what happened when; for people and figures, never for decisions. */
  readonly report: ArchiveReport;
}

export interface ArchiveReport {
  problem(error: ArchiverError, obsid: string): void;
  /** A file is durable; ms since the end of readout (negative when it was written before). */
  written(file: FileId, bytes: number, msAfterReadout: number): void;
}
