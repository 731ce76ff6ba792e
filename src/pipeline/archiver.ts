import type { Assembler } from '../assemble/port.js';
import type { EventFeed } from '../events/feed.js';
import type { EventBus } from '../events/port.js';
import type { FileRow, ImageRow, Ledger } from '../stage/port.js';
import type { Intake } from './intake.js';
import type { Presence } from './presence.js';
import type { ArchiverStatus } from './status.js';
import type { Visits } from './visits.js';

/** A running archiver, composed from its adapters (compose.ts). */
export interface Archiver {
  readonly intake: Intake;
  readonly ledger: Ledger;
  readonly events: EventBus;
  readonly feed: EventFeed;
  readonly assembler: Assembler;
  /** Names of the targets in use. */
  readonly targets: readonly string[];
  status(): Promise<ArchiverStatus>;
  readonly presence: Presence;
  readonly visits: Visits;
  /** Makes a file again from the source of its image, see remakeFile. @returns its path */
  remake(row: FileRow): Promise<string>;
  /** Resolves once every file that is written is sealed, delivered (or set aside) and announced. @throws the signal's reason */
  drained(signal?: AbortSignal): Promise<void>;
  /** Ends the processes and threads and releases the data root; what is open stays open in the ledger. */
  close(): Promise<void>;
}

/** Rows of the given images as the ledger holds them now, in the given order. */
export async function imageRows(ledger: Ledger, obsids: readonly string[]): Promise<ImageRow[]> {
  const rows = await Promise.all(obsids.map((obsid) => ledger.view().image(obsid)));
  return rows.filter((row) => row !== undefined);
}
