import type { DaqImage, DaqNotice, ImageTag } from '../daq/port.js';
import { ArchiverError, asArchiverError, ERRORS, type ErrorCode } from '../model/errors.js';
import type { ImageRow } from '../stage/port.js';
import { archiveImage } from './archive.js';
import { Readout } from './readout.js';
import type { ArchiveServices } from './services.js';

/** How one image ended: with its row, or with the error that kept it from being identified. */
export type ImageResult =
  | { readonly image: DaqImage; readonly row: ImageRow }
  | { readonly image: DaqImage; readonly error: ArchiverError };

export interface IntakeStatus {
  readonly daq: 'connected' | 'away';
  /** Image names. */
  readonly underWay: readonly string[];
  readonly waiting: number;
}

export interface IntakeOptions {
  readonly folder: string;
  readonly imagesInFlight: number;
  /** Take no more than this many images. */
  readonly count?: number | undefined;
  readonly onResult: (result: ImageResult) => void;
}

/** Between two comparisons of the DAQ's catalogue with what was taken. */
const LOOK_MS = 60_000;

/** Another try of the same image may end otherwise. */
const mayPass = (code: ErrorCode) => ERRORS[code].retry !== null || OUT_OF_TIME.includes(code);
const OUT_OF_TIME: readonly ErrorCode[] = ['SOURCE_DEADLINE', 'IMAGE_DEADLINE'];

/**
 * Takes every image of a DAQ folder once: those that are there at the start and those that come. Images are archived in order of
 * arrival, a bounded number at a time, and those that come before those that were missed; what waits, waits in the DAQ. What an outage of the DAQ has cost an
 * image is tried again when the connection is back.
 */
export class Intake {
  private readonly taken = new Set<ImageTag>();
  /** Of the images that wait or are under way. */
  private readonly readouts = new Map<ImageTag, Readout>();
  /** Images that come, and those that were there before anybody listened; the former go first. */
  private readonly waiting: { readonly live: DaqImage[]; readonly missed: DaqImage[] } = { live: [], missed: [] };
  /** Images that ended without files that a later try may bring. */
  private readonly unfinished = new Set<ImageTag>();
  private readonly running = new Map<ImageTag, { readonly name: string; readonly work: Promise<void> }>();
  private readonly left = new AbortController();
  private closing = false;
  private holding = false;
  private connected = false;
  private accepted = 0;

  constructor(
    private readonly services: ArchiveServices,
    private readonly options: IntakeOptions,
  ) {}

  /**
   * Runs until the signal aborts, then finishes the images that are under way; those that wait stay in the DAQ.
   * @throws DAQ_UNREACHABLE when there is no DAQ at the start, and what a new connection cannot heal later on
   */
  async run(signal: AbortSignal): Promise<void> {
    const { daq } = this.services;
    const { folder } = this.options;
    const over = new AbortController();
    const release = this.stopAt(signal, () => over.abort());
    try {
      const images = await daq.list(folder);
      await this.closeLost(images);
      this.addAll(images);
      void this.lookAgain(over.signal);
      for await (const notice of daq.watch({ folder, signal: over.signal })) await this.take(notice);
    } catch (error) {
      if (!over.signal.aborted) throw error;
    } finally {
      this.closing = true;
      await this.idle();
      release();
      over.abort();
    }
  }

  status(): IntakeStatus {
    const { live, missed } = this.waiting;
    return {
      daq: this.connected ? 'connected' : 'away',
      underWay: [...this.running.values()].map(({ name }) => name),
      waiting: live.length + missed.length,
    };
  }

  /** Images that are under way end where they are: they stay open, and the next run goes on with them. */
  leave(): void {
    this.closing = true;
    this.left.abort(new Error('the archiver is ending'));
  }

  /**
   * Archives the images that are there now, and ends; when the signal aborts, after those that are under way.
   * @returns those that were there
   */
  async runOnce(signal: AbortSignal): Promise<readonly DaqImage[]> {
    const { daq, settings } = this.services;
    const release = this.stopAt(signal, () => undefined);
    const images = await daq.list(this.options.folder);
    if (settings.live) await this.closeLost(images);
    this.addAll(images);
    await this.idle();
    release();
    return images;
  }

  /**
   * From the signal on no image is begun. Those under way still need what the camera says of them, so `ended` is called only after the last of them.
   * @returns what takes the listener off again
   */
  private stopAt(signal: AbortSignal, ended: () => void): () => void {
    const stop = () => {
      this.closing = true;
      void this.idle().then(ended);
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    return () => signal.removeEventListener('abort', stop);
  }

  /** Images that an earlier process began and that nobody can finish: the DAQ has purged them since. They end as what they are. */
  private async closeLost(images: readonly DaqImage[]): Promise<void> {
    const { ledger, report } = this.services;
    const there = new Set(images.map(({ name }) => name));
    for (const { obsid } of await ledger.view().openImages()) {
      if (there.has(obsid)) continue;
      await ledger.closeImage(obsid);
      const problem = 'it was begun by an earlier run, and the DAQ no longer has it';
      report.problem(new ArchiverError('IMAGE_INCOMPLETE', { obsid, problem }), obsid);
    }
  }

  private async take(notice: DaqNotice): Promise<void> {
    if (notice.type === 'image') this.add(notice.image, 'live');
    if (notice.type === 'event') this.readouts.get(notice.tag)?.event(notice.event);
    if (notice.type !== 'connection') return;
    this.connected = notice.state === 'open';
    if (this.connected) {
      for (const tag of this.unfinished) this.taken.delete(tag); // what an outage has cost may be there now
      this.unfinished.clear();
      await this.catchUp();
    } else if (notice.error !== undefined) this.services.report.problem(notice.error, '');
  }

  /** Whatever was lost between the DAQ and here is found by its catalogue. */
  private async lookAgain(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.services.clock.delay(LOOK_MS, signal).catch(() => undefined);
      if (!signal.aborted) await this.catchUp().catch(() => undefined); // the watch meets the same error and ends the run
    }
  }

  /** What is told from now on has no gap; what came before, while nobody listened, is asked for. */
  private async catchUp(): Promise<void> {
    const { daq } = this.services;
    const lost = (error: unknown) => {
      if (!asArchiverError(error).retryable) throw error;
      return []; // the next connection brings this here again
    };
    this.addAll(await daq.list(this.options.folder).catch(lost));
    for (const [tag, readout] of this.readouts) {
      await daq.describe(tag).then(
        (description) => readout.recorded(description),
        () => undefined, // whoever archives the image meets the same error and tells it
      );
    }
  }

  private addAll(images: readonly DaqImage[]): void {
    for (const image of images) this.add(image, 'missed');
  }

  private add(image: DaqImage, how: 'live' | 'missed'): void {
    if (this.taken.has(image.tag) || this.accepted === this.options.count) return;
    this.accepted++;
    this.taken.add(image.tag);
    const readout = new Readout(this.services.clock);
    readout.onWaiting = () => this.startNext();
    this.readouts.set(image.tag, readout);
    this.waiting[how].push(image);
    this.startNext();
  }

  /** Images under way; those whose pixels wait on disk for their metadata keep nobody from his turn. */
  private get busy(): number {
    const waiting = [...this.readouts.values()].filter(({ isWaiting }) => isWaiting);
    return this.running.size - waiting.length;
  }

  private startNext(): void {
    while (this.busy < this.options.imagesInFlight && !this.closing) {
      if (this.services.storage.reason !== undefined) {
        this.startWhenFree();
        return;
      }
      const image = this.waiting.live.shift() ?? this.waiting.missed.shift();
      if (image === undefined) return;
      const work = this.archive(image).finally(() => {
        this.running.delete(image.tag);
        this.readouts.delete(image.tag);
        this.startNext();
      });
      this.running.set(image.tag, { name: image.name, work });
    }
  }

  /** What cannot be written is not begun: it is safe in the DAQ. */
  private startWhenFree(): void {
    if (this.holding) return;
    this.holding = true;
    void this.services.storage.free.then(() => {
      this.holding = false;
      this.startNext();
    });
  }

  private async idle(): Promise<void> {
    while (this.running.size > 0) await Promise.all([...this.running.values()].map(({ work }) => work));
  }

  private async archive(image: DaqImage): Promise<void> {
    const readout = this.readouts.get(image.tag) ?? new Readout(this.services.clock);
    try {
      const row = await archiveImage(image.tag, readout, this.services, this.left.signal);
      if (row.failures.some(({ error }) => mayPass(error.code))) this.unfinished.add(image.tag);
      this.options.onResult({ image, row });
    } catch (thrown) {
      if (this.left.signal.aborted) return; // it was not tried to the end
      const error = asArchiverError(thrown);
      if (error.retryable) this.unfinished.add(image.tag);
      this.options.onResult({ image, error });
    }
  }
}
