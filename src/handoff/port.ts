import type { FileId } from '../model/ids.js';
import type { Seal } from '../stage/port.js';

/** A sealed file on its way to a target. */
export interface StagedFile {
  readonly id: FileId;
  /** Absolute paths of our FITS file and its sidecar. */
  readonly path: string;
  readonly sidecarPath: string;
  /** `<instrument>/<dayobs>/<obsid>/<obsid>_<raft>_<sensor>`, to which .fits and .json are added. */
  readonly relative: string;
  readonly bytes: number;
  readonly seal: Seal;
  readonly groupId: string | null;
  readonly snap: number | null;
}

export type Delivery =
  /** Our file is there under its name; `copy` tells whether as a copy or as a second name of the same inode. */
  | { readonly outcome: 'delivered'; readonly uri: string; readonly copy: boolean }
  /** Another file stands there; ours is kept at asidePath and nothing was overwritten. */
  | { readonly outcome: 'conflict'; readonly uri: string; readonly asidePath: string };

/** A place where consumers find files. Delivering twice is delivering once. */
export interface StagingTarget {
  /** Short name in ledger, events and configuration: oods, dbb, prompt. */
  readonly name: string;
  accepts(file: FileId): boolean;
  /**
   * Sidecar first, then the FITS file, both create-only and durable before it resolves.
   * @throws ArchiverError, retried by its row
   */
  deliver(file: StagedFile): Promise<Delivery>;
  /** Of a target that is no folder: whether an object of this size stands under a URI that it gave. @throws ArchiverError STORE_FAILED */
  has?(uri: string, bytes: number): Promise<boolean>;
  close(): Promise<void>;
}
