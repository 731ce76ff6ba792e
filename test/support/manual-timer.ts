import type { Timer } from '../../src/model/clock.js';

/** A clock that only moves when the test says so. Its UTC stays in step with its monotonic time. */
export class ManualTimer implements Timer {
  private now = 0;
  private waiting: { at: number; resolve: () => void }[] = [];

  constructor(private readonly startUtcMs = Date.UTC(2026, 10, 21)) {}

  nowUtcMs(): number {
    return this.startUtcMs + this.now;
  }

  monotonicMs(): number {
    return this.now;
  }

  delay(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.waiting = this.waiting.filter((other) => other !== entry);
        reject(signal?.reason);
      };
      const entry = {
        at: this.now + ms,
        resolve: () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        },
      };
      this.waiting.push(entry);
      signal?.addEventListener('abort', abort);
    });
  }

  /** Moves time on and lets everything that was due run. */
  async advance(ms: number): Promise<void> {
    this.now += ms;
    const due = this.waiting.filter(({ at }) => at <= this.now);
    this.waiting = this.waiting.filter(({ at }) => at > this.now);
    for (const { resolve } of due) resolve();
    await new Promise((resolve) => setImmediate(resolve));
  }
}
