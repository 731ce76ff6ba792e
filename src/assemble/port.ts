import type { DaqSourceInfo, ImageTag } from '../daq/port.js';
import type { HeaderInput } from '../fits/facts.js';
import type { IgnoredRecord } from '../model/header-package.js';
import type { FileId, Product } from '../model/ids.js';
import type { PoolStatistics, WrittenFile } from '../native/contract.js';
import type { Seal } from '../stage/port.js';
import type { SealTask } from './jobs.js';

/** Which pixels to pull and what to make of them. */
export interface ImageJob {
  readonly obsid: string;
  readonly tag: ImageTag;
  readonly sources: readonly DaqSourceInfo[];
  readonly products: readonly Product[];
  readonly compression: 'rice' | 'none';
}

/** A source whose every byte was pulled, compressed and agrees with the DAQ's sum. */
export interface SourcePixels {
  readonly location: string;
  readonly bytes: number;
  /** Of the whole stream. */
  readonly crc32: number;
  /** How often the source was read before its sum was right. */
  readonly attempts: number;
}

/** What the headers of a file are composed from, besides camera data; plain data, so it crosses to the assembler. */
export type FileFacts = Pick<
  HeaderInput,
  'compression' | 'createdAt' | 'version' | 'daq' | 'exposure' | 'conditions' | 'header'
>;

/**
 * Where the pixels of a file are: whole in the pool, by the source's location, or in a file that is durable already, by its path below the data root and
 * the DATASUM of each of its HDUs as it was written.
 */
export type PixelPlace =
  | { readonly location: string }
  | { readonly from: string; readonly dataSums: readonly number[] };

/** One file to write from pixels that are there and a header that is known. */
export interface FileJob {
  readonly file: FileId;
  readonly pixels: PixelPlace;
  readonly facts: FileFacts;
  /** Data root folder and the paths below it; the same for a retry. */
  readonly root: string;
  readonly path: string;
  readonly sidecarPath: string;
  readonly aside: string;
  readonly folderMode: number;
}

export interface FinishedFile extends WrittenFile {
  /** Keywords left out because they had no value. */
  readonly omitted: readonly string[];
  /** Records of the header package that were not used, and why. */
  readonly ignored: readonly IgnoredRecord[];
}

/**
 * Turns DAQ bytes into durable files, in a process of its own. Calls that the process's death cut off reject with ASSEMBLER_DIED, later ones that need
 * what was lost with it with PIXELS_LOST; begin again and only what is not written yet is done again.
 */
export interface Assembler {
  /** Pulling starts as bytes land. A second begin of an open image changes nothing. */
  begin(image: ImageJob): Promise<void>;
  /** @throws SOURCE_*, GEOMETRY_MISMATCH, DAQ_*, POOL_TOO_SMALL when the source can not be had whole. */
  source(obsid: string, location: string): Promise<SourcePixels>;
  /**
   * The same facts and pixels give the same bytes, wherever the pixels are.
   * @throws FILE_MISSING, FITS_INVALID, FITS_CHECKSUM when the file that holds the pixels is not what was written
   */
  finish(file: FileJob): Promise<FinishedFile>;
  /** Frees one source's pixels for good: begin does not open it again, `source` still answers. Unknown and released ones are left as they are. */
  release(obsid: string, location: string): Promise<void>;
  /** Frees the image's pixels, whatever their state. */
  end(obsid: string): Promise<void>;
  /** Reads a file back from disk and digests it. */
  seal(task: SealTask): Promise<Seal>;
  statistics(): Promise<AssemblerStatistics>;
  close(): Promise<void>;
}

export interface AssemblerStatistics extends PoolStatistics {
  readonly rssBytes: number;
  readonly threads: number;
}
