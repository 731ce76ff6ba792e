import { join } from 'node:path';
import { checkRegisters, rebByLocation, rebSensorType, sourceLayout } from '../camera/geometry.js';
import { loadCamera } from '../camera/load.js';
import type { Camera } from '../camera/types.js';
import type { AssemblerConfig } from '../config.js';
import type { DaqSource, DaqSourceInfo, ImageTag } from '../daq/port.js';
import type { Timer } from '../model/clock.js';
import { ArchiverError, asArchiverError } from '../model/errors.js';
import type { NativeCore } from '../native/contract.js';
import type { Seal } from '../stage/port.js';
import { Dispatcher } from './dispatcher.js';
import { fileSpec } from './file-spec.js';
import type { SealTask } from './jobs.js';
import { WorkerPool } from './pool.js';
import type { Assembler, AssemblerStatistics, FileJob, FinishedFile, ImageJob, SourcePixels } from './port.js';
import { SourceReader } from './source-reader.js';

export interface AssemblerServiceOptions {
  readonly native: NativeCore;
  readonly config: AssemblerConfig;
  readonly daq: DaqSource;
  readonly clock: Timer;
}

interface OpenImage {
  readonly readers: Map<string, SourceReader>;
  /** Sources that could not even be opened, e.g. by a geometry that contradicts the camera data. */
  readonly refused: Map<string, ArchiverError>;
  /** Ends the watch under way. */
  watching?: AbortController;
}

/** The assembler inside its own process: watches what lands, feeds the worker threads, composes headers, writes files. */
export class AssemblerService implements Assembler {
  private readonly camera: Camera;
  private readonly pool: WorkerPool;
  private readonly dispatcher: Dispatcher;
  private readonly images = new Map<string, OpenImage>();

  constructor(private readonly options: AssemblerServiceOptions) {
    const { config, clock, daq } = options;
    this.camera = loadCamera(config.camera);
    this.pool = new WorkerPool(config.threads, { daq: config.daq }, clock);
    this.dispatcher = new Dispatcher({
      limit: this.pool.limit,
      threads: this.pool.threads,
      // Bytes that stand in memory answer at once: one source may have all of the pool, so that its files are written while the next one is computed.
      share: daq.lend === undefined ? this.pool.threads : this.pool.limit,
      run: (task) => this.pool.bands(task),
      clock,
    });
  }

  /** Also opens again those sources of an open image that failed in a way that may pass. */
  async begin(image: ImageJob): Promise<void> {
    const open = this.images.get(image.obsid) ?? this.openImage(image.obsid);
    const fresh = image.sources.filter(({ location }) => {
      if (open.refused.has(location)) return false;
      const reader = open.readers.get(location);
      return reader === undefined || reader.failure?.retryable === true;
    });
    if (fresh.length === 0) return;
    for (const source of fresh) this.openSource(open, image, source);
    // A new watch begins with the present state of all sources, so it serves the old readers as well as the new ones.
    open.watching?.abort();
    open.watching = new AbortController();
    void this.watch(image.tag, open.readers, open.watching.signal);
  }

  async source(obsid: string, location: string): Promise<SourcePixels> {
    const refused = this.images.get(obsid)?.refused.get(location);
    if (refused !== undefined) throw refused;
    return this.reader(obsid, location).done;
  }

  async finish(job: FileJob): Promise<FinishedFile> {
    const { pixels, root } = job;
    const place =
      'from' in pixels
        ? { from: join(root, pixels.from), dataSums: pixels.dataSums }
        : { handle: this.reader(job.file.obsid, pixels.location).handle };
    const { file, omitted, ignored } = fileSpec(job, this.camera, (cards) => this.options.native.sealHeader(cards));
    const written = await this.pool.finish({ ...place, file });
    return { ...written, omitted, ignored };
  }

  async release(obsid: string, location: string): Promise<void> {
    const reader = this.images.get(obsid)?.readers.get(location);
    if (reader === undefined) return;
    reader.release();
    this.dispatcher.released();
  }

  async end(obsid: string): Promise<void> {
    const image = this.images.get(obsid);
    if (image === undefined) return;
    this.images.delete(obsid);
    image.watching?.abort();
    for (const reader of image.readers.values()) reader.release();
    this.dispatcher.remove(obsid);
  }

  seal(task: SealTask): Promise<Seal> {
    return this.pool.seal(task);
  }

  async statistics(): Promise<AssemblerStatistics> {
    return {
      ...this.options.native.statistics(),
      rssBytes: process.memoryUsage.rss(),
      threads: this.pool.threads,
    };
  }

  /** Milliseconds that the oldest task of the threads has been under way; 0 without one. */
  oldestTaskMs(): number {
    return this.pool.oldestTaskMs();
  }

  async close(): Promise<void> {
    for (const obsid of [...this.images.keys()]) await this.end(obsid);
    await this.pool.close();
    await this.options.daq.close();
  }

  private openImage(obsid: string): OpenImage {
    const image: OpenImage = { readers: new Map(), refused: new Map() };
    this.images.set(obsid, image);
    this.dispatcher.add(obsid, image.readers);
    return image;
  }

  private openSource(open: OpenImage, image: ImageJob, source: DaqSourceInfo): void {
    try {
      open.readers.get(source.location)?.release();
      open.readers.set(source.location, this.newReader(image, source));
    } catch (error) {
      open.refused.set(source.location, asArchiverError(error));
    }
  }

  private newReader(image: ImageJob, source: DaqSourceInfo): SourceReader {
    const { native, config } = this.options;
    const { reb } = rebByLocation(this.camera, source.location);
    checkRegisters(rebSensorType(this.camera, reb), source.registers, source.location);
    const layout = sourceLayout(this.camera, source.location, { corrected: image.products.includes('corrected') });
    return new SourceReader(native, {
      obsid: image.obsid,
      tag: image.tag,
      source,
      bandRows: config.bandRows,
      open: { layout, products: image.products, compression: image.compression },
    });
  }

  private async watch(tag: ImageTag, readers: OpenImage['readers'], signal: AbortSignal): Promise<void> {
    try {
      for await (const notice of this.options.daq.watch({ tag, signal })) {
        if (notice.type !== 'landed') continue;
        readers.get(notice.location)?.progress(notice.bytes, notice.done, notice.crc32);
        this.dispatcher.pump();
      }
    } catch (error) {
      if (signal.aborted) return;
      for (const reader of readers.values()) reader.fail(asArchiverError(error));
      this.dispatcher.pump();
    }
  }

  private reader(obsid: string, location: string): SourceReader {
    const reader = this.images.get(obsid)?.readers.get(location);
    // Whoever asks has begun it: that was in an earlier life of this process.
    if (reader === undefined) throw new ArchiverError('PIXELS_LOST', { location, image: obsid });
    return reader;
  }
}
