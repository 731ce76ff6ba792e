import type { CameraEvent, ImageDescription } from '../daq/port.js';
import type { Timer } from '../model/clock.js';

/**
 * What the camera says while one image is read out. `ended` and `telemetry` resolve once; deadlines are counted from `ended`, on the monotonic clock.
 */
export class Readout {
  /** Monotonic time of the end of readout. */
  readonly ended: Promise<number>;
  /** endOfImageTelemetry was seen: the exposure's facts are complete. */
  readonly telemetry: Promise<void>;
  private endedAt: number | undefined;
  private markEnded!: (at: number) => void;
  private markTelemetry!: () => void;

  constructor(private readonly clock: Timer) {
    this.ended = new Promise((resolve) => {
      this.markEnded = (at) => {
        this.endedAt ??= at;
        resolve(at);
      };
    });
    this.telemetry = new Promise((resolve) => {
      this.markTelemetry = resolve;
    });
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
