import type { DaqAddress } from '../daq/address.js';
import type { Timer } from '../model/clock.js';
import { type ArchiverError, asArchiverError } from '../model/errors.js';
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
  paused: boolean;
}

/**
 * Serves landed bands to the pool, oldest image first, so that an image is finished before the next one takes its room; within an image the source
 * with the fewest bands under way comes first, so that one that answers slowly holds up none of the others.
 * When the pixel pool is full the youngest image gives its compressed bands back; it is read again from the DAQ, nothing is lost.
 */
export class Dispatcher {
  private readonly lanes: Lane[] = [];
  private active = 0;

  constructor(private readonly options: DispatcherOptions) {}

  add(obsid: string, readers: ReadonlyMap<string, SourceReader>): void {
    this.lanes.push({ obsid, readers, paused: false });
    this.pump();
  }

  remove(obsid: string): void {
    const index = this.lanes.findIndex((lane) => lane.obsid === obsid);
    if (index >= 0) this.lanes.splice(index, 1);
    for (const lane of this.lanes) lane.paused = false;
    this.pump();
  }

  /** Starts whatever may start; called whenever bytes land, a band ends or room is made. */
  pump(): void {
    while (this.active < this.options.limit) {
      const next = this.nextBand();
      if (next === undefined) return;
      this.active++;
      void this.serve(next.lane, next.reader, next.index);
    }
  }

  private nextBand(): { lane: Lane; reader: SourceReader; index: number } | undefined {
    for (const lane of this.lanes) {
      if (lane.paused) continue;
      const readers = [...lane.readers.values()].sort((a, b) => a.load - b.load);
      for (const reader of readers) {
        const index = reader.takeBand();
        if (index !== undefined) return { lane, reader, index };
      }
    }
    return undefined;
  }

  private async serve(lane: Lane, reader: SourceReader, index: number): Promise<void> {
    const { tag, source } = reader.options;
    const task = {
      handle: reader.handle,
      daq: this.options.daq,
      tag,
      location: source.location,
      band: reader.band(index),
    };
    try {
      reader.bandDone(index, await this.options.run(task));
    } catch (thrown) {
      this.failed(reader, index, asArchiverError(thrown));
    }
    this.active--;
    this.giveRoom(lane);
    this.pump();
  }

  /** The band is tried again after a rest, which takes no place in the pool from the bands of others. */
  private failed(reader: SourceReader, index: number, error: ArchiverError): void {
    reader.bandAgain(index);
    if (!error.retryable) {
      reader.fail(error);
      return;
    }
    if (error.code === 'POOL_EXHAUSTED') this.pauseYoungest();
    void this.options.clock.delay(AGAIN_MS).then(() => {
      reader.rested();
      this.pump();
    });
  }

  /** The oldest image is never paused: what the others give back lets it end, and then the next one is the oldest. */
  private pauseYoungest(): void {
    const youngest = this.lanes.findLast((lane, place) => place > 0 && !lane.paused);
    if (youngest === undefined) return;
    youngest.paused = true;
    this.giveRoom(youngest);
  }

  /** A paused image's bands are given back once none of them runs any more. */
  private giveRoom(lane: Lane): void {
    if (!lane.paused) return;
    for (const reader of lane.readers.values()) if (!reader.finished && reader.load === 0) reader.restart();
  }
}
