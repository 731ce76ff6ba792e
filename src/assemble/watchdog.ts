import type { WatchdogLimits } from '../config.js';

/** How often the child tells that its main thread runs, and how often the coordinator looks. */
export const BEAT_MS = 1000;

/**
 * Finds an assembler process that is there and does nothing: its main thread is silent, or a thread of it has had the same task for too long.
 *
 * Silence is counted in looks of the coordinator, one per second at most: time in which the coordinator itself did not run, because the machine was busy or
 * suspended, is nobody's silence.
 */
export class Watchdog {
  private silentBeats = 0;
  private readonly timer: NodeJS.Timeout;

  /** `onHung` may be called more than once until close(). */
  constructor(
    private readonly limits: WatchdogLimits,
    private readonly onHung: (reason: string) => void,
  ) {
    this.timer = setInterval(() => this.look(), BEAT_MS).unref();
  }

  /** The child has said something. */
  alive(): void {
    this.silentBeats = 0;
  }

  /** `oldestTaskMs`: for how long the oldest task of its threads has been under way; 0 without one. */
  beat(oldestTaskMs: number): void {
    this.alive();
    const seconds = oldestTaskMs / 1000;
    if (seconds > this.limits.taskSeconds) this.onHung(`a task of it was not done in ${this.limits.taskSeconds} s`);
  }

  close(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    this.silentBeats++;
    const seconds = (this.silentBeats * BEAT_MS) / 1000;
    if (seconds > this.limits.silentSeconds) this.onHung(`it was silent for ${this.limits.silentSeconds} s`);
  }
}
