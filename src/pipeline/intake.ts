import type { DaqImage, DaqNotice, ImageTag } from '../daq/port.js';
import { type ArchiverError, asArchiverError } from '../model/errors.js';
import type { ImageRow } from '../stage/port.js';
import { archiveImage } from './archive.js';
import { Readout } from './readout.js';
import type { ArchiveServices } from './services.js';

/** How one image ended: with its row, or with the error that kept it from being identified. */
export type ImageResult =
  | { readonly image: DaqImage; readonly row: ImageRow }
  | { readonly image: DaqImage; readonly error: ArchiverError };

export interface IntakeOptions {
  readonly folder: string;
  readonly imagesInFlight: number;
  readonly onResult: (result: ImageResult) => void;
}

/**
 * Takes every image of a DAQ folder once: those that are there at the start and those that come. Images are archived in order of
 * arrival, a bounded number at a time; what waits, waits in the DAQ.
 */
export class Intake {
  private readonly readouts = new Map<ImageTag, Readout>();
  private readonly waiting: DaqImage[] = [];
  private readonly running = new Set<Promise<void>>();

  constructor(
    private readonly services: ArchiveServices,
    private readonly options: IntakeOptions,
  ) {}

  /** Runs until the signal aborts, then finishes the images that are under way. */
  async run(signal: AbortSignal): Promise<void> {
    const { daq } = this.services;
    const notices = daq.watch({ folder: this.options.folder, signal });
    const taking = this.follow(notices, signal);
    for (const image of await daq.list(this.options.folder)) this.add(image);
    await taking;
    await Promise.all(this.running);
  }

  /** Archives the images that are there now, and ends. */
  async runOnce(): Promise<void> {
    for (const image of await this.services.daq.list(this.options.folder)) this.add(image);
    while (this.running.size > 0) await Promise.all(this.running);
  }

  private async follow(notices: AsyncIterable<DaqNotice>, signal: AbortSignal): Promise<void> {
    try {
      for await (const notice of notices) {
        if (notice.type === 'image') this.add(notice.image);
        if (notice.type === 'event') this.readouts.get(notice.tag)?.event(notice.event);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  private add(image: DaqImage): void {
    if (this.readouts.has(image.tag)) return;
    this.readouts.set(image.tag, new Readout(this.services.clock));
    this.waiting.push(image);
    this.startNext();
  }

  private startNext(): void {
    while (this.running.size < this.options.imagesInFlight) {
      const image = this.waiting.shift();
      if (image === undefined) return;
      const work = this.archive(image).finally(() => {
        this.running.delete(work);
        this.startNext();
      });
      this.running.add(work);
    }
  }

  private async archive(image: DaqImage): Promise<void> {
    const readout = this.readouts.get(image.tag) ?? new Readout(this.services.clock);
    try {
      const row = await archiveImage(image.tag, readout, this.services);
      this.options.onResult({ image, row });
    } catch (error) {
      this.options.onResult({ image, error: asArchiverError(error) });
    }
  }
}
