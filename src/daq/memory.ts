import { crc32 } from 'node:zlib';
import { ArchiverError } from '../model/errors.js';
import { joinSignals } from '../model/signals.js';
import { NoticeQueue } from './notices.js';
import type { CameraEvent, DaqImage, DaqNotice, DaqSource, ImageDescription, ReadRange } from './port.js';
import { checkRange } from './range.js';

/** Packed words of one source and the sum of all of them. */
export interface SummedWords {
  readonly packed: Uint8Array;
  readonly crc32: number;
}

interface MemorySource extends SummedWords {
  landed: number;
  done: boolean;
}

interface MemoryImage {
  readonly description: ImageDescription;
  readonly events: CameraEvent[];
  readonly sources: Map<string, MemorySource>;
}

interface Watcher {
  readonly queue: NoticeQueue;
  readonly folder: string;
  readonly tag: string | undefined;
}

/** A DAQ in this process's memory: packed words that the caller owns and must not change. For measuring without a network and for trials. */
export class MemoryDaqSource implements DaqSource {
  private readonly images = new Map<string, MemoryImage>();
  private readonly watchers = new Set<Watcher>();
  private readonly closing = new AbortController();

  /** Adds an image. With `landed` (the default) all of it is there at once; without, bytes come by `land`. */
  add(description: ImageDescription, packed: ReadonlyMap<string, Uint8Array>, landed = true): void {
    const summed = [...packed].map(([location, bytes]) => [location, { packed: bytes, crc32: crc32(bytes) }] as const);
    this.addSummed(description, new Map(summed), landed);
  }

  /** The same for words whose CRC-32 is known already. */
  addSummed(description: ImageDescription, summed: ReadonlyMap<string, SummedWords>, landed = true): void {
    const sources = new Map(
      [...summed].map(([location, words]): [string, MemorySource] => [location, { ...words, landed: 0, done: false }]),
    );
    const image = { description, events: [...description.events], sources };
    this.images.set(description.image.tag, image);
    this.publish(image, { type: 'image', image: description.image });
    if (landed)
      for (const [location, { packed: bytes }] of sources)
        this.land(description.image.tag, location, bytes.length, true);
  }

  /** The first `bytes` of a source are there; `done`: and no more will come. */
  land(tag: string, location: string, bytes: number, done: boolean): void {
    const { image, source } = this.source(tag, location);
    source.landed = Math.min(bytes, source.packed.length);
    source.done = done;
    this.publish(image, landedNotice(tag, location, source));
  }

  event(tag: string, event: CameraEvent): void {
    const image = this.image(tag);
    image.events.push(event);
    this.publish(image, { type: 'event', tag, event });
  }

  async list(folder = 'raw'): Promise<DaqImage[]> {
    return [...this.images.values()]
      .map(({ description }) => description.image)
      .filter((image) => image.folder === folder);
  }

  async describe(tag: string): Promise<ImageDescription> {
    const { description, events } = this.image(tag);
    return { ...description, events: [...events] };
  }

  async *watch(options: {
    readonly folder?: string;
    readonly tag?: string;
    readonly signal: AbortSignal;
  }): AsyncGenerator<DaqNotice> {
    const { folder = 'raw', tag, signal } = options;
    const watcher = { queue: new NoticeQueue(), folder, tag };
    watcher.queue.push({ type: 'connection', state: 'open' });
    if (tag !== undefined) {
      const image = this.image(tag);
      for (const [location, source] of image.sources) watcher.queue.push(landedNotice(tag, location, source));
      if (isWhole(image)) watcher.queue.close();
    }
    this.watchers.add(watcher);
    const ended = joinSignals(signal, this.closing.signal);
    try {
      yield* watcher.queue.iterate(ended.signal);
    } finally {
      ended.release();
      this.watchers.delete(watcher);
    }
  }

  async read(range: ReadRange, into: Uint8Array): Promise<void> {
    checkRange(range, into);
    into.set(this.lend(range));
  }

  lend({ tag, location, offset, length }: ReadRange): Uint8Array {
    const { source } = this.source(tag, location);
    if (offset + length > source.landed)
      throw new ArchiverError('DAQ_NO_DATA', { image: tag, location, offset, length });
    return source.packed.subarray(offset, offset + length);
  }

  async close(): Promise<void> {
    this.closing.abort();
  }

  private publish(image: MemoryImage, notice: DaqNotice): void {
    const { tag, folder } = image.description.image;
    for (const watcher of this.watchers) {
      if (watcher.tag === undefined ? watcher.folder !== folder : watcher.tag !== tag) continue;
      watcher.queue.push(notice);
      if (watcher.tag !== undefined && isWhole(image)) watcher.queue.close();
    }
  }

  private image(tag: string): MemoryImage {
    const image = this.images.get(tag);
    if (image === undefined) throw new ArchiverError('DAQ_NO_IMAGE', { image: tag });
    return image;
  }

  private source(tag: string, location: string): { image: MemoryImage; source: MemorySource } {
    const image = this.image(tag);
    const source = image.sources.get(location);
    if (source === undefined) throw new ArchiverError('DAQ_NO_SOURCE', { image: tag, location });
    return { image, source };
  }
}

function landedNotice(tag: string, location: string, source: MemorySource): DaqNotice {
  const { landed: bytes, done, crc32: sum } = source;
  return {
    type: 'landed',
    tag,
    location,
    bytes,
    done,
    ...(done && bytes === source.packed.length ? { crc32: sum } : {}),
  };
}

function isWhole({ sources }: MemoryImage): boolean {
  return [...sources.values()].every(({ done }) => done);
}
