import { join } from 'node:path';
import { LoopDisk } from './loop-disk.js';

const MEGABYTES = 128;

export type DiskName = 'archive' | 'ledger';

/** The file systems below `place` under one storage layer: one for all, or the ledger on one of its own. Needs root. */
export class Disks {
  /** Data root. */
  readonly root: string;
  /** Folder of the ledger, where it is not the root. */
  readonly ledger: string | undefined;
  private readonly disks = new Map<DiskName, LoopDisk>();

  constructor(place: string, isSplit: boolean) {
    const archive = new LoopDisk(place, 'archive', MEGABYTES);
    this.disks.set('archive', archive);
    this.root = join(archive.folder, 'root');
    if (!isSplit) return;
    const ledger = new LoopDisk(place, 'ledger', MEGABYTES);
    this.disks.set('ledger', ledger);
    this.ledger = ledger.folder;
  }

  /** Cuts their power, one after another. @returns the time right before the first, as process.hrtime.bigint() gives it */
  cut(names: readonly DiskName[]): bigint {
    const times = names.map((name) => this.disks.get(name)?.cut() ?? 0n);
    return times[0] ?? 0n;
  }

  unmount(): void {
    for (const disk of this.disks.values()) disk.unmount();
  }

  /** Replays the journals of those that were cut. */
  mount(): void {
    for (const disk of this.disks.values()) disk.mount();
  }
}
