import type { DaqImage } from '../daq/port.js';
import type { ImageState, LedgerView } from '../stage/port.js';

/** The catalogue of the DAQ against the ledger, by image name. */
export interface Reconciliation {
  /** Images in the DAQ: the sum of all below. */
  readonly catalogue: number;
  readonly archived: number;
  /** Ended without all of their files; the ledger says which and why. */
  readonly incomplete: readonly string[];
  readonly failed: readonly string[];
  /** Begun and not ended. */
  readonly underWay: readonly string[];
  /** Not in the ledger: not begun, or refused. */
  readonly unknown: readonly string[];
}

/** Every image of the catalogue is in exactly one of the sets. */
export async function reconcile(
  images: readonly DaqImage[],
  ledger: Pick<LedgerView, 'image'>,
): Promise<Reconciliation> {
  const named: Record<ImageState | 'unknown', string[]> = {
    complete: [],
    incomplete: [],
    failed: [],
    open: [],
    unknown: [],
  };
  for (const { name } of images) named[(await ledger.image(name))?.state ?? 'unknown'].push(name);
  const { complete, incomplete, failed, open, unknown } = named;
  return { catalogue: images.length, archived: complete.length, incomplete, failed, underWay: open, unknown };
}
