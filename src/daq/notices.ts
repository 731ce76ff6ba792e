import type { DaqNotice } from './port.js';

type Landed = Extract<DaqNotice, { type: 'landed' }>;

/** Sources whose progress is remembered; beyond that the oldest are forgotten. */
const REMEMBERED = 4096;

/**
 * Notices on their way to one watcher. Its memory is bounded by what the watcher can still use: of one source only the latest progress waits,
 * and progress never goes back, whatever order or repetition it came in.
 */
export class NoticeQueue {
  private readonly waiting: DaqNotice[] = [];
  private readonly progress = new Map<string, Landed>();
  private failure: unknown;
  private closed = false;
  private wake: (() => void) | undefined;

  push(notice: DaqNotice): void {
    if (this.closed) return;
    if (notice.type !== 'landed') this.waiting.push(notice);
    else if (!this.advance(notice)) return;
    this.wake?.();
  }

  /** The watcher gets what waits, then its end; or then the error. */
  close(failure?: unknown): void {
    if (this.closed) return;
    this.closed = true;
    this.failure = failure;
    this.wake?.();
  }

  /** Ends after `close`; also at once, without what still waits, when the signal aborts. */
  async *iterate(signal: AbortSignal): AsyncGenerator<DaqNotice> {
    const onAbort = () => this.wake?.();
    signal.addEventListener('abort', onAbort);
    try {
      while (!signal.aborted) {
        const notice = this.waiting.shift();
        if (notice !== undefined) yield notice;
        else if (this.closed) break;
        else await this.nextWake();
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.closed = true;
    }
    if (this.failure !== undefined && !signal.aborted) throw this.failure;
  }

  private nextWake(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  private advance(notice: Landed): boolean {
    const key = `${notice.tag} ${notice.location}`;
    const before = this.progress.get(key);
    if (before !== undefined && !isFurther(notice, before)) return false;
    if (before === undefined && this.progress.size >= REMEMBERED) this.forgetOldest();
    this.progress.set(key, notice);
    const index = before === undefined ? -1 : this.waiting.lastIndexOf(before);
    if (index >= 0) this.waiting[index] = notice;
    else this.waiting.push(notice);
    return true;
  }

  private forgetOldest(): void {
    for (const key of this.progress.keys()) {
      this.progress.delete(key);
      return;
    }
  }
}

function isFurther(next: Landed, before: Landed): boolean {
  return !before.done && (next.done || next.bytes > before.bytes);
}
