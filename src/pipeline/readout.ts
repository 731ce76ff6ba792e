import type { CameraEvent, ImageDescription } from '../daq/port.js';
import type { Timer } from '../model/clock.js';

/** What the camera says while one image is read out. Times are monotonic. */
export class Readout {
  /** From when deadlines are counted: the end of readout, or for an image that had to wait for its turn, its turn. */
  readonly counted: Promise<number>;
  /** endOfImageTelemetry was seen: the exposure's facts are complete. */
  readonly telemetry: Promise<void>;
  /** Called when all pixels of the image wait on disk for its metadata. */
  onWaiting: () => void = () => undefined;
  private readonly spilledSources = new Set<string>();
  private sources = 0;
  private endedAt: number | undefined;
  private markEnded!: (at: number) => void;
  private markBegun!: (at: number) => void;
  private markTelemetry!: () => void;

  constructor(private readonly clock: Timer) {
    const ended = new Promise<number>((resolve) => {
      this.markEnded = (at) => {
        this.endedAt ??= at;
        resolve(at);
      };
    });
    const begun = new Promise<number>((resolve) => {
      this.markBegun = resolve;
    });
    this.counted = Promise.all([ended, begun]).then((times) => Math.max(...times));
    this.telemetry = new Promise((resolve) => {
      this.markTelemetry = resolve;
    });
  }

  /** It is the image's turn; so many of its sources are to be archived. */
  begin(sources: number): void {
    this.sources = sources;
    this.markBegun(this.clock.monotonicMs());
  }

  /** The pixels of a source wait on disk. */
  spilled(location: string): void {
    this.spilledSources.add(location);
    if (this.isWaiting) this.onWaiting();
  }

  /** All pixels of the image wait on disk: it needs no room until its metadata is there. */
  get isWaiting(): boolean {
    return this.sources > 0 && this.spilledSources.size === this.sources;
  }

  event(event: CameraEvent): void {
    if (event.type === 'endReadout') this.markEnded(this.clock.monotonicMs());
    if (event.type === 'endOfImageTelemetry') {
      this.markEnded(this.clock.monotonicMs());
      this.markTelemetry();
    }
  }

  /** Milliseconds since the end of readout; 0 while it lasts. */
  msSinceEnd(): number {
    return this.endedAt === undefined ? 0 : this.clock.monotonicMs() - this.endedAt;
  }

  /** Events that the DAQ recorded before anybody listened. */
  recorded(description: ImageDescription): void {
    for (const event of description.events) this.event(event);
  }

  /** Nobody will say when the readout ended (a capture, or events that were lost): count from now. */
  assumeEnded(): void {
    this.markEnded(this.clock.monotonicMs());
  }

  /** No more facts will come: take the exposure as it is known. */
  assumeTelemetry(): void {
    this.markTelemetry();
  }
}
