import type { DaqAddress } from '../daq/address.js';
import type { Timer } from '../model/clock.js';
import { asArchiverError } from '../model/errors.js';
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
 * Serves landed bands to the pool, oldest image first, so that an image is finished before the next one takes its room.
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
      for (const reader of lane.readers.values()) {
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
      await this.failed(lane, reader, index, thrown);
    }
    this.active--;
    this.giveRoom(lane);
    this.pump();
  }

  private async failed(lane: Lane, reader: SourceReader, index: number, thrown: unknown): Promise<void> {
    const error = asArchiverError(thrown);
    reader.bandAgain(index);
    if (error.code === 'POOL_EXHAUSTED') {
      const youngest = this.lanes.at(-1);
      if (youngest !== undefined && this.lanes.length > 1) {
        youngest.paused = true;
        this.giveRoom(youngest);
      }
    } else if (!error.retryable) {
      reader.fail(error);
      return;
    }
    if (!lane.paused) await this.options.clock.delay(AGAIN_MS);
  }

  /** A paused image's bands are given back once none of them runs any more. */
  private giveRoom(lane: Lane): void {
    if (!lane.paused) return;
    for (const reader of lane.readers.values()) if (!reader.finished && reader.idle) reader.restart();
  }
}
