/**
 * A run that was asked to end does so within 10 seconds: its images under way have 4 s, deliveries until second 7, processes and threads until second 9.
 * Whatever is not done by then is done by the next run, which every step of the way is made for.
 */
const IMAGES_MS = 4000;
const DELIVERIES_MS = 7000;
const ALL_MS = 9000;

/**
 * Ends a run in steps: by SIGINT or SIGTERM, or because the supervisor has closed the channel or is gone. A second signal ends the process at once, by the
 * signal. A signal that comes with the end of the channel, because it was sent to all processes, is the first one.
 */
export class Ending {
  /** No image is begun any more. Aborts also when the run has all that it wanted. */
  readonly stop = new AbortController();
  /** Images under way are left for the next run. */
  readonly images = new AbortController();
  /** Deliveries and events are left for the next run. */
  readonly deliveries = new AbortController();
  private readonly signalled = () => {
    this.deafen();
    this.interrupt();
  };
  private readonly abandoned = () => this.interrupt();
  private last: NodeJS.Timeout | undefined;
  private isAsked = false;

  /** `exitCode` is that of a run whose parts do not end in time. */
  constructor(private readonly exitCode: number) {
    process.on('SIGINT', this.signalled);
    process.on('SIGTERM', this.signalled);
    process.on('disconnect', this.abandoned);
    if (process.connected === false) this.interrupt(); // while this process was starting
  }

  /** A signal has asked for the end. */
  get wasInterrupted(): boolean {
    return this.isAsked;
  }

  /** The result of `work`, or undefined as soon as deliveries are left. */
  async until<T>(work: Promise<T>): Promise<T | undefined> {
    const { signal } = this.deliveries;
    let leave: (() => void) | undefined;
    const left = new Promise<undefined>((resolve) => {
      leave = () => resolve(undefined);
      if (signal.aborted) leave();
      else signal.addEventListener('abort', leave, { once: true });
    });
    work.catch(() => undefined); // once it is left, its parts are closed under it
    try {
      return await Promise.race([work, left]);
    } finally {
      if (leave !== undefined) signal.removeEventListener('abort', leave);
    }
  }

  /** Everything has ended. */
  over(): void {
    this.deafen();
    process.off('disconnect', this.abandoned);
    clearTimeout(this.last);
  }

  private interrupt(): void {
    if (this.isAsked) return;
    this.isAsked = true;
    this.stop.abort();
    setTimeout(() => this.images.abort(), IMAGES_MS).unref();
    setTimeout(() => this.deliveries.abort(), DELIVERIES_MS).unref();
    // Every file, the ledger and the queue are safe against a kill at any moment, so an exit that does not wait loses nothing.
    this.last = setTimeout(() => process.exit(this.exitCode), ALL_MS).unref();
  }

  private deafen(): void {
    process.off('SIGINT', this.signalled);
    process.off('SIGTERM', this.signalled);
  }
}
