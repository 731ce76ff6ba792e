import type { DaqSource } from '../daq/port.js';
import { asArchiverError } from '../model/errors.js';
import type { NativeCore } from '../native/contract.js';
import type { BandResult, BandTask } from './jobs.js';
import type { Band } from './plan.js';

/** What a worker thread does with bands; it owns the thread's connection to the DAQ and its band buffers. */
export class BandPuller {
  /** One for the life of the thread; after a failure to open it the next task tries again. */
  private connected: Promise<DaqSource> | undefined;
  /** As many as the thread has had bands under way at once: allocated once, then reused. */
  private readonly idle: Uint8Array[] = [];

  constructor(
    private readonly native: Pick<NativeCore, 'band'>,
    private readonly open: () => Promise<DaqSource>,
  ) {}

  /** Pulls the bytes of a task's bands and compresses them into the image's native source, until one fails. */
  async pull(task: BandTask): Promise<BandResult> {
    const sums: number[] = [];
    try {
      const source = await this.connection();
      for (const band of task.bands) sums.push(await this.pullBand(source, task, band));
      return { sums };
    } catch (error) {
      return { sums, error: asArchiverError(error).toData() };
    }
  }

  /** @returns the CRC-32 of the bytes */
  private async pullBand(source: DaqSource, { handle, tag, location }: BandTask, band: Band): Promise<number> {
    const range = { tag, location, offset: band.offset, length: band.length };
    const rows = { first: band.firstRow, count: band.rowCount };
    if (source.lend !== undefined) return this.native.band(handle, rows, source.lend(range));
    let buffer = this.idle.pop();
    if (buffer === undefined || buffer.length < band.length) buffer = new Uint8Array(band.length);
    try {
      const packed = buffer.subarray(0, band.length);
      await source.read(range, packed);
      return this.native.band(handle, rows, packed);
    } finally {
      this.idle.push(buffer);
    }
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
