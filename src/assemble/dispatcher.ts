import type { Timer } from '../model/clock.js';
import { ArchiverError, asArchiverError } from '../model/errors.js';
import type { BandResult, BandTask } from './jobs.js';
import type { SourceReader } from './source-reader.js';

/** Wait before bands are tried again after a transport error or a full pool. */
const AGAIN_MS = 50;

/** Bands that one task may pull: a message costs as much as a part of a band, and a task is what others wait for. */
const BANDS_PER_TASK = 8;

export interface DispatcherOptions {
  /** Tasks that may be under way at once over all threads. */
  readonly limit: number;
  /** How many of them are computed at once, one on each thread. */
  readonly threads: number;
  /** How many of them may be of one source while there are others: less than `limit` where a source may never answer, so that it leaves them room. */
  readonly share: number;
  readonly run: (task: BandTask) => Promise<BandResult>;
  readonly clock: Timer;
}

/** The sources of one image; its owner adds to them. */
interface Lane {
  readonly obsid: string;
  readonly readers: ReadonlyMap<string, SourceReader>;
}

/**
 * Serves landed bands to the pool, oldest image first, so that an image is finished before the next one takes its room. Of the oldest image that is not
 * whole the most advanced source comes first, so that its files are written while others compute; of younger ones the least advanced, since one that
 * is whole cannot give its room to an older image any more. No source has more than its share of the pool under way while there are others, so that
 * one that answers slowly holds up none of them.
 * When the pixel pool is full, the least advanced source of the youngest image gives its compressed bands back and is paused until room is made; it
 * is read again from the DAQ, nothing is lost. The most advanced source of the oldest image goes on, so that one can always become whole.
 */
export class Dispatcher {
  private readonly lanes: Lane[] = [];
  /** Sources that hold no rows, or will hold none once their last band has ended, and take no bands. */
  private readonly paused = new Set<SourceReader>();
  /** How often room came back: a band that began before the last time just tries again. */
  private roomMade = 0;
  private active = 0;

  constructor(private readonly options: DispatcherOptions) {}

  add(obsid: string, readers: ReadonlyMap<string, SourceReader>): void {
    this.lanes.push({ obsid, readers });
    this.pump();
  }

  remove(obsid: string): void {
    const index = this.lanes.findIndex((lane) => lane.obsid === obsid);
    if (index >= 0) this.lanes.splice(index, 1);
    this.paused.clear();
    this.roomMade++;
    this.pump();
  }

  /** The pixels of one source were freed: there is room for another one. */
  released(): void {
    this.roomMade++;
    this.resumeOne();
    this.pump();
  }

  /** Starts whatever may start; called whenever bytes land, a band ends or room is made. */
  pump(): void {
    // Sources may also end by what their owner hears of them, and then nobody is left to make room.
    if (this.paused.size > 0 && this.contending() === 0 && !this.someHoldPixels()) this.resumeOne();
    const { limit, share } = this.options;
    while (this.active < limit) {
      const reader = this.nextReader(share) ?? (this.contending() === 1 ? this.nextReader(limit) : undefined);
      if (reader === undefined) return;
      void this.serve(reader);
    }
  }

  /** A source that has a band to take and fewer than `bound` tasks under way, of the oldest image that has one. */
  private nextReader(bound: number): SourceReader | undefined {
    let isOldest = true;
    for (const { readers } of this.lanes) {
      let next: SourceReader | undefined;
      let isOpen = false;
      for (const reader of readers.values()) {
        isOpen ||= !reader.finished;
        if (reader.load >= bound || !reader.hasBand || this.paused.has(reader)) continue;
        const lead = next === undefined ? 0 : reader.progressed - next.progressed;
        if (next === undefined || (isOldest ? lead > 0 : lead < 0)) next = reader;
      }
      if (next !== undefined) return next;
      if (isOpen) isOldest = false;
    }
    return undefined;
  }

  private async serve(reader: SourceReader): Promise<void> {
    const { roomMade } = this;
    const { tag, source } = reader.options;
    const taken = reader.take(this.taskLength(reader));
    const bands = taken.map((index) => reader.band(index));
    this.active++;
    const { sums, error } = await this.options
      .run({ handle: reader.handle, tag, location: source.location, bands })
      .catch((thrown): BandResult => ({ sums: [], error: asArchiverError(thrown).toData() }));
    this.active--;
    reader.ended(taken, sums);
    if (error !== undefined) this.failed(reader, asArchiverError(error), roomMade);
    this.giveRoom(reader);
    this.pump();
  }

  /** Long tasks while much has landed, short ones towards the end, so that all threads end together. */
  private taskLength(reader: SourceReader): number {
    return Math.min(BANDS_PER_TASK, Math.ceil(reader.landedBands / this.options.threads));
  }

  /** The bands are tried again after a rest, which takes no place in the pool from the bands of others. */
  private failed(reader: SourceReader, error: ArchiverError, roomMade: number): void {
    if (!error.retryable) {
      reader.fail(error);
      return;
    }
    void this.options.clock.delay(AGAIN_MS).then(() => {
      reader.rested();
      this.pump();
    });
    if (error.code === 'POOL_EXHAUSTED' && roomMade === this.roomMade) this.makeRoom(reader, error);
  }

  /** `reader` found no room. Those last in order give way; the first one only to sources that are whole, whose room comes back with their files. */
  private makeRoom(reader: SourceReader, { details }: ArchiverError): void {
    if ([...this.paused].some((one) => one === reader || one.load > 0)) return;
    const [first, ...others] = this.contenders();
    if (others.length > 0) this.pauseLast(others);
    else if (first === reader && this.someHoldPixels()) this.paused.add(reader);
    else if (first === reader && this.active === 0) {
      const { obsid: image } = reader.options;
      reader.fail(
        new ArchiverError('POOL_TOO_SMALL', { location: reader.location, image, bytes: details.bytes ?? '?' }),
      );
    }
  }

  /** Up to the first that gives something back: whoever has nothing yet would only take more. */
  private pauseLast(others: SourceReader[]): void {
    for (const last of others.reverse()) {
      const gives = last.load > 0 || last.progressed > 0;
      this.paused.add(last);
      this.giveRoom(last);
      if (gives) return;
    }
  }

  /** A paused source's bands are given back once none of them runs any more. */
  private giveRoom(reader: SourceReader): void {
    if (this.paused.has(reader) && !reader.finished && reader.load === 0) {
      if (reader.progressed > 0) this.roomMade++;
      reader.restart();
    }
  }

  /** Sources that go on and are not whole: by the age of their images, then the most advanced first. */
  private contenders(): SourceReader[] {
    return this.lanes.flatMap(({ readers }) =>
      [...readers.values()].filter((one) => this.contends(one)).sort((a, b) => b.progressed - a.progressed),
    );
  }

  /** How many those are. */
  private contending(): number {
    let count = 0;
    for (const { readers } of this.lanes) for (const one of readers.values()) if (this.contends(one)) count++;
    return count;
  }

  private contends(reader: SourceReader): boolean {
    return !reader.finished && !this.paused.has(reader);
  }

  private someHoldPixels(): boolean {
    return this.lanes.some(({ readers }) => [...readers.values()].some((reader) => reader.holdsPixels));
  }

  /** One at a time, since one has made room; the oldest image first. */
  private resumeOne(): void {
    const waiting = this.lanes.flatMap(({ readers }) => [...readers.values()]).filter((one) => !one.finished);
    const next = waiting.find((one) => this.paused.has(one));
    if (next !== undefined) this.paused.delete(next);
  }
}
