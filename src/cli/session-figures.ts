import type { ArchiverError, ErrorCode } from '../model/errors.js';

/** Latencies that are kept: those of the last files, about 25 images of LSSTCam in both products. */
const LATENCIES = 10_000;

/** Figures of what happened in a session, in a size that does not grow with its length: a run goes on for months. */
export class SessionFigures {
  /** The first thing that went wrong; its exit code is that of the session. */
  first: ErrorCode | undefined;
  private readonly counts = new Map<ErrorCode, number>();
  private readonly latest: number[] = [];
  private files = 0;

  problem({ code }: ArchiverError): void {
    this.first ??= code;
    this.counts.set(code, (this.counts.get(code) ?? 0) + 1);
  }

  written(msAfterReadout: number): void {
    this.latest[this.files++ % LATENCIES] = msAfterReadout;
  }

  /** Codes of everything that went wrong, with their counts. */
  get problems(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.counts);
  }

  /** From the end of readout to the durable file, in ms, of the last files; in no order. */
  get latencies(): readonly number[] {
    return this.latest;
  }
}
