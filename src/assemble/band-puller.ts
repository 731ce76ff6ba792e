import { setImmediate } from 'node:timers/promises';
import type { DaqSource, ReadRange } from '../daq/port.js';
import { asArchiverError } from '../model/errors.js';
import type { NativeCore } from '../native/contract.js';
import type { BandResult, BandTask } from './jobs.js';
import type { Band } from './plan.js';

/** What a worker thread does with bands; it owns the thread's connection to the DAQ and its band buffers. */
export class BandPuller {
  /** One for the life of the thread; after a failure to open it the next task tries again. */
  private connected: Promise<DaqSource> | undefined;
  /** In pooled memory, as many as the thread has had bands under way at once: taken once, then filled again and again. */
  private readonly idle: Uint8Array[] = [];

  constructor(
    private readonly native: Pick<NativeCore, 'band' | 'inputBuffer'>,
    private readonly open: () => Promise<DaqSource>,
  ) {}

  /** Pulls the bytes of a task's bands and compresses them into the image's native source, until one fails. */
  async pull(task: BandTask): Promise<BandResult> {
    const sums: number[] = [];
    try {
      const source = await this.connection();
      await setImmediate(); // what this thread has just computed is answered first: the next task is on its way while this one computes
      for (const band of task.bands) {
        const packed = source.lend?.(rangeOf(task, band));
        sums.push(packed === undefined ? await this.readBand(source, task, band) : this.compress(task, band, packed));
      }
      return { sums };
    } catch (error) {
      return { sums, error: asArchiverError(error).toData() };
    }
  }

  /** @returns the CRC-32 of the bytes */
  private async readBand(source: DaqSource, task: BandTask, band: Band): Promise<number> {
    let buffer = this.idle.pop();
    if (buffer === undefined || buffer.length < band.length) buffer = this.native.inputBuffer(band.length);
    try {
      const packed = buffer.subarray(0, band.length);
      await source.read(rangeOf(task, band), packed);
      return this.compress(task, band, packed);
    } finally {
      this.idle.push(buffer);
    }
  }

  private compress({ handle }: BandTask, { firstRow, rowCount }: Band, packed: Uint8Array): number {
    return this.native.band(handle, { first: firstRow, count: rowCount }, packed);
  }

  private connection(): Promise<DaqSource> {
    if (this.connected !== undefined) return this.connected;
    this.connected = this.open();
    this.connected.catch(() => {
      this.connected = undefined;
    });
    return this.connected;
  }
}

function rangeOf({ tag, location }: BandTask, { offset, length }: Band): ReadRange {
  return { tag, location, offset, length };
}
