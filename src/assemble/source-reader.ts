import type { DaqSourceInfo, ImageTag } from '../daq/port.js';
import { ArchiverError } from '../model/errors.js';
import type { Handle, NativeCore, OpenOptions } from '../native/contract.js';
import { type Band, planBands } from './plan.js';
import type { SourcePixels } from './port.js';

/** Reads of a source before its sum is held to be wrong at the DAQ itself. */
const MAX_ATTEMPTS = 3;

export interface SourceReaderOptions {
  readonly obsid: string;
  readonly tag: ImageTag;
  readonly source: DaqSourceInfo;
  readonly open: OpenOptions;
  readonly bandRows: number;
}

/**
 * One REB's stream on its way into the native source: which bands have landed, which are done, whether the sum is right.
 * Lives on the assembler's main thread; the dispatcher runs its bands on the pool. It owns the native handle until `release` or a failure.
 */
export class SourceReader {
  readonly done: Promise<SourcePixels>;
  handle: Handle;
  private readonly bands: Band[];
  private readonly sums: (number | undefined)[];
  private waiting: number[];
  private landed = 0;
  private whole: { bytes: number; crc32: number | undefined } | undefined;
  /** Tasks under way. */
  private running = 0;
  private compressed = 0;
  private attempt = 1;
  /** The last task that ended has failed: until one succeeds, bands are tried one at a time, with a rest in between. */
  private struggling = false;
  /** Failures whose rest is not over. */
  private resting = 0;
  private settled = false;
  private dropped = false;
  private failed: ArchiverError | undefined;
  private resolve!: (pixels: SourcePixels) => void;
  private reject!: (error: ArchiverError) => void;

  constructor(
    private readonly native: NativeCore,
    readonly options: SourceReaderOptions,
  ) {
    const { layout } = options.open;
    this.bands = planBands(layout.rows, layout.columns * layout.groups * 36, options.bandRows);
    this.sums = new Array(this.bands.length);
    this.waiting = this.bands.map((_, index) => index);
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.done.catch(() => undefined); // the pipeline may ask for it only later
    this.handle = native.open(options.open);
  }

  get location(): string {
    return this.options.source.location;
  }

  /** Bytes that the camera data asks for. */
  get expectedBytes(): number {
    const last = this.bands.at(-1);
    return last === undefined ? 0 : last.offset + last.length;
  }

  get finished(): boolean {
    return this.settled;
  }

  /** Every row is there and the room that they take has not come back yet. */
  get holdsPixels(): boolean {
    return this.settled && !this.dropped;
  }

  get failure(): ArchiverError | undefined {
    return this.failed;
  }

  /** The DAQ holds `bytes` of this source; `crc32` is that of all when it is whole. Repeats and late notices are harmless. */
  progress(bytes: number, done: boolean, crc32?: number): void {
    if (this.settled) return;
    this.landed = Math.max(this.landed, bytes);
    if (!done) return;
    const { obsid } = this.options;
    const { location, expectedBytes: expected } = this;
    if (bytes === 0) this.fail(new ArchiverError('SOURCE_EMPTY', { location, image: obsid }));
    else if (bytes < expected) {
      this.fail(new ArchiverError('SOURCE_TRUNCATED', { location, image: obsid, bytes, expected }));
    } else if (bytes > expected) {
      const details = { location, actual: `${bytes} bytes`, expected: `${expected} bytes` };
      this.fail(new ArchiverError('GEOMETRY_MISMATCH', details));
    } else {
      this.whole = { bytes, crc32 };
      this.settle();
    }
  }

  /** Whether bands may be taken: there are some whose bytes have landed. */
  get hasBand(): boolean {
    if (this.settled || this.resting > 0 || (this.struggling && this.running > 0)) return false;
    return this.isLanded(this.waiting[0]);
  }

  /** Bands whose bytes have landed and that nobody has taken yet. */
  get landedBands(): number {
    const beyond = this.waiting.findIndex((index) => !this.isLanded(index));
    return beyond < 0 ? this.waiting.length : beyond;
  }

  /** Takes up to `count` landed bands, in order, for one task. The caller owes an `ended`. */
  take(count: number): number[] {
    this.running++;
    return this.waiting.splice(0, Math.min(this.struggling ? 1 : count, this.landedBands));
  }

  band(index: number): Band {
    const band = this.bands[index];
    if (band === undefined) throw new ArchiverError('INTERNAL', { problem: `no band ${index}` });
    return band;
  }

  /**
   * A task has ended: `sums` are those of the bands that it has compressed, from the first on. When they are not all, the next one has failed: no band
   * is taken until `rested` was called for each task that ended so.
   */
  ended(taken: readonly number[], sums: readonly number[]): void {
    this.running--;
    sums.forEach((sum, i) => {
      this.sums[taken[i] ?? -1] = sum;
    });
    this.compressed += sums.length;
    this.struggling = sums.length < taken.length;
    if (this.struggling) {
      this.resting++;
      this.waiting.unshift(...taken.slice(sums.length));
    }
    this.settle();
  }

  rested(): void {
    this.resting--;
  }

  fail(error: ArchiverError): void {
    if (this.settled) return;
    this.settled = true;
    this.failed = error;
    this.reject(error);
    this.drop();
  }

  /** Gives the compressed bands back and starts over, e.g. when an older image needs the room. Only when no band is running. */
  restart(): void {
    this.native.drop(this.handle);
    this.handle = this.native.open(this.options.open);
    this.sums.fill(undefined);
    this.compressed = 0;
    this.waiting = this.bands.map((_, index) => index);
  }

  /** Bands that are compressed. */
  get progressed(): number {
    return this.compressed;
  }

  /** Tasks under way. */
  get load(): number {
    return this.running;
  }

  /** Frees the pixels; again changes nothing. A source that was whole stays so in `done`. */
  release(): void {
    if (!this.settled) {
      const problem = `source ${this.location} of ${this.options.obsid} was released`;
      this.fail(new ArchiverError('INTERNAL', { problem }));
    }
    this.drop();
  }

  /** Bands still running keep the native source alive until they end. */
  private drop(): void {
    if (this.dropped) return;
    this.dropped = true;
    this.native.drop(this.handle);
  }

  /** Done once every band is there and the sum of all agrees with the DAQ's. */
  private settle(): void {
    if (this.settled || this.whole === undefined || this.running > 0 || this.waiting.length > 0) return;
    const actual = this.combinedSum();
    const { crc32: expected = actual, bytes } = this.whole;
    if (actual === expected) {
      this.settled = true;
      this.resolve({ location: this.location, bytes, crc32: actual, attempts: this.attempt });
    } else if (this.attempt < MAX_ATTEMPTS) {
      this.attempt++;
      this.restart();
    } else {
      const details = {
        location: this.location,
        image: this.options.obsid,
        actual: hex(actual),
        expected: hex(expected),
      };
      this.fail(new ArchiverError('SOURCE_CRC', details));
    }
  }

  private isLanded(index: number | undefined): boolean {
    const band = this.bands[index ?? -1];
    return band !== undefined && band.offset + band.length <= this.landed;
  }

  private combinedSum(): number {
    return this.bands.reduce(
      (sum, band, index) => this.native.crc32Combine(sum, this.sums[index] ?? 0, band.length),
      0,
    );
  }
}

function hex(sum: number): string {
  return (sum >>> 0).toString(16).padStart(8, '0');
}
