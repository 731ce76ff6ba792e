import type { Timer } from '../model/clock.js';
import { ArchiverError, asArchiverError } from '../model/errors.js';
import { Rounds } from '../model/rounds.js';

/** The disk of the data root. */
export interface RootDisk {
  readonly path: string;
  /** Bytes that may still be written. */
  freeBytes(): Promise<number>;
  /** Writes a small file, makes it durable and removes it. @throws ArchiverError DISK_FULL, FOLDER_UNWRITABLE, WRITE_FAILED ... */
  prove(): Promise<void>;
}

export interface StorageHoldOptions {
  readonly disk: RootDisk;
  readonly clock: Timer;
  /** Bytes that are kept free for images under way and for the ledger. */
  readonly reserveBytes: number;
  /** Told the error when a hold begins, and undefined when it has ended. */
  readonly onChange: (error: ArchiverError | undefined) => void;
}

/** Between two looks at the disk, in milliseconds: a hold begins and ends within about one. */
const LOOK_MS = 1000;
/** A hold for want of space ends at so many times the reserve, so that it does not come and go. */
const RELEASE_RATIO = 1.1;

/**
 * Whether the data root can take what is archived. While it cannot, nothing can be acknowledged: no image is begun, and deadlines stand still, so that an
 * image that could not be written is not given up for it. The disk alone decides: it is looked at each second, and proved by a write when one has failed
 * and as long as a hold lasts. One file that cannot be written on a disk that can is no reason for a hold.
 */
export class StorageHold {
  /** The clock of deadlines and retries: it stands still during a hold. */
  readonly timer: Timer;
  private readonly looks: Rounds;
  private error: ArchiverError | undefined;
  private looking: Promise<void> | undefined;
  private released = Promise.resolve();
  private release: () => void = () => undefined;
  private begunAt = 0;
  private heldMs = 0;

  constructor(private readonly options: StorageHoldOptions) {
    const { clock } = options;
    this.timer = {
      nowUtcMs: () => clock.nowUtcMs(),
      monotonicMs: () => this.monotonicMs(),
      delay: (ms, signal) => this.delay(ms, signal),
    };
    const round = () => this.look(this.error !== undefined);
    this.looks = new Rounds({ clock, restMs: LOOK_MS, round, report: () => undefined }); // a look that fails begins a hold
  }

  /** Why nothing can be written; undefined when it can. */
  get reason(): ArchiverError | undefined {
    return this.error;
  }

  /** Resolves when there is no hold. */
  get free(): Promise<void> {
    return this.released;
  }

  /** Resolves when the disk has been looked at because of a write that failed. */
  check(): Promise<void> {
    return this.look(true);
  }

  async close(): Promise<void> {
    await this.looks.close();
    this.end();
  }

  private look(proving: boolean): Promise<void> {
    this.looking ??= this.examine(proving).finally(() => {
      this.looking = undefined;
    });
    return this.looking;
  }

  private async examine(proving: boolean): Promise<void> {
    try {
      await this.requireRoom();
      if (proving) await this.options.disk.prove();
    } catch (thrown) {
      if (!this.looks.signal.aborted) this.begin(asArchiverError(thrown));
      return;
    }
    this.end();
  }

  private async requireRoom(): Promise<void> {
    const { disk, reserveBytes } = this.options;
    const needed = this.error === undefined ? reserveBytes : reserveBytes * RELEASE_RATIO;
    if ((await disk.freeBytes()) < needed) throw new ArchiverError('DISK_FULL', { path: disk.path });
  }

  private begin(error: ArchiverError): void {
    const isNew = this.error === undefined;
    this.error = error;
    if (!isNew) return;
    this.begunAt = this.options.clock.monotonicMs();
    this.released = new Promise((resolve) => {
      this.release = resolve;
    });
    this.options.onChange(error);
  }

  private end(): void {
    if (this.error === undefined) return;
    this.heldMs += this.options.clock.monotonicMs() - this.begunAt;
    this.error = undefined;
    this.release();
    this.options.onChange(undefined);
  }

  private monotonicMs(): number {
    const now = this.error === undefined ? this.options.clock.monotonicMs() : this.begunAt;
    return now - this.heldMs;
  }

  private async delay(ms: number, signal?: AbortSignal): Promise<void> {
    const end = this.monotonicMs() + ms;
    for (let left = ms; ; left = end - this.monotonicMs()) {
      await this.options.clock.delay(Math.max(0, left), signal);
      if (this.error !== undefined) await this.freeOr(signal);
      if (this.monotonicMs() >= end) return;
    }
  }

  /** @throws the signal's reason */
  private async freeOr(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    let abort: (() => void) | undefined;
    const aborted = new Promise<void>((resolve) => {
      abort = resolve;
      signal?.addEventListener('abort', abort, { once: true });
    });
    await Promise.race([this.released, aborted]);
    if (abort !== undefined) signal?.removeEventListener('abort', abort);
    signal?.throwIfAborted();
  }
}
