import type { Timer } from './clock.js';

export interface RoundsOptions {
  readonly clock: Timer;
  /** Between the end of a round and the next one. */
  readonly restMs: number;
  /** Ends early when the signal aborts. */
  readonly round: (signal: AbortSignal) => Promise<unknown>;
  /** Told what a round threw; the next one comes all the same. */
  readonly report: (error: unknown) => void;
}

/** Work that is done again and again, from now on until it is closed. */
export class Rounds {
  private readonly stop = new AbortController();
  private readonly running: Promise<void>;

  constructor(private readonly options: RoundsOptions) {
    this.running = this.run();
  }

  get signal(): AbortSignal {
    return this.stop.signal;
  }

  /** Resolves when the round that is under way has ended. */
  async close(): Promise<void> {
    this.stop.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { clock, restMs, round, report } = this.options;
    const { signal } = this.stop;
    while (!signal.aborted) {
      await round(signal).catch(report);
      await clock.delay(restMs, signal).catch(() => undefined);
    }
  }
}
