import type { DaqAddress } from '../daq/address.js';
import type { Timer } from '../model/clock.js';
import { ArchiverError, asArchiverError } from '../model/errors.js';
import type { BandTask } from './jobs.js';
import type { SourceReader } from './source-reader.js';

/** Wait before a band is tried again after a transport error or a full pool. */
const AGAIN_MS = 50;

export interface DispatcherOptions {
  readonly daq: DaqAddress;
  /** Bands that may be under way at once over all threads. */
  readonly limit: number;
  readonly run: (task: BandTask) => Promise<number>;
  readonly clock: Timer;
}

/** The sources of one image; its owner adds to them. */
interface Lane {
  readonly obsid: string;
  readonly readers: ReadonlyMap<string, SourceReader>;
}

/**
 * Serves landed bands to the pool, oldest image first, so that an image is finished before the next one takes its room; within an image the source
 * with the fewest bands under way comes first, so that one that answers slowly holds up none of the others.
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
    if (this.contenders().length === 0 && !this.someHoldPixels()) this.resumeOne();
    while (this.active < this.options.limit) {
      const next = this.nextBand();
      if (next === undefined) return;
      this.active++;
      void this.serve(next.reader, next.index);
    }
  }

  private nextBand(): { reader: SourceReader; index: number } | undefined {
    for (const lane of this.lanes) {
      const readers = [...lane.readers.values()].sort((a, b) => a.load - b.load);
      for (const reader of readers) {
        if (this.paused.has(reader)) continue;
        const index = reader.takeBand();
        if (index !== undefined) return { reader, index };
      }
    }
    return undefined;
  }

  private async serve(reader: SourceReader, index: number): Promise<void> {
    const { roomMade } = this;
    const { tag, source } = reader.options;
    const task = {
      handle: reader.handle,
      daq: this.options.daq,
      tag,
      location: source.location,
      band: reader.band(index),
    };
    try {
      const sum = await this.options.run(task).finally(() => this.active--);
      reader.bandDone(index, sum);
    } catch (thrown) {
      const error = asArchiverError(thrown);
      this.failed(reader, index, error);
      if (error.code === 'POOL_EXHAUSTED' && roomMade === this.roomMade) this.makeRoom(reader, error);
    }
    this.giveRoom(reader);
    this.pump();
  }

  /** The band is tried again after a rest, which takes no place in the pool from the bands of others. */
  private failed(reader: SourceReader, index: number, error: ArchiverError): void {
    reader.bandAgain(index);
    if (!error.retryable) {
      reader.fail(error);
      return;
    }
    void this.options.clock.delay(AGAIN_MS).then(() => {
      reader.rested();
      this.pump();
    });
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
    return this.lanes.flatMap((lane) =>
      [...lane.readers.values()]
        .filter((reader) => !reader.finished && !this.paused.has(reader))
        .sort((a, b) => b.progressed - a.progressed),
    );
  }

  private someHoldPixels(): boolean {
    return this.lanes.some((lane) => [...lane.readers.values()].some((reader) => reader.holdsPixels));
  }

  /** One at a time, since one has made room; the oldest image first. */
  private resumeOne(): void {
    const waiting = this.lanes.flatMap((lane) => [...lane.readers.values()]).filter((one) => !one.finished);
    const next = waiting.find((one) => this.paused.has(one));
    if (next !== undefined) this.paused.delete(next);
  }
}
