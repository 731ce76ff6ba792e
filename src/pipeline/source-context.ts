import type { FileId } from '../model/ids.js';
import type { ImageEntry } from '../stage/port.js';
import type { ImagePlan, SourcePlan } from './identify.js';
import type { Metadata } from './metadata.js';
import type { Readout } from './readout.js';
import type { ArchiveServices } from './services.js';
import type { BadSource } from './set-aside.js';

/** One image on its way to files. */
export interface ImageContext {
  readonly image: ImagePlan;
  readonly entry: ImageEntry;
  /** The assembler pulls all sources of the image. */
  readonly pulling: Promise<void>;
  readonly metadata: Promise<Metadata>;
  readonly readout: Readout;
  readonly services: ArchiveServices;
  /** Sources that have failed, for setAside. */
  readonly bad: BadSource[];
  /** Aborts at the image's deadline, when the image has ended, and when it is left for the next run. */
  readonly signal: AbortSignal;
}

/** The pixels of one file on disk: a durable FITS file without a name that anybody knows. */
export interface WaitingFile {
  /** Path below the data root. */
  readonly from: string;
  readonly dataSums: readonly number[];
  /** Of the whole stream that the pixels come from. */
  readonly crc32: number;
}

/** One REB of it. */
export interface SourceContext extends ImageContext {
  readonly source: SourcePlan;
  /** Files of it whose pixels are on disk. */
  readonly waiting: Map<FileId, WaitingFile>;
}
