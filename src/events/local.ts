import type { ArchiverEvent, EventBus } from './port.js';

type Listener = (event: ArchiverEvent) => void;

/** Events within the process. It holds the last ones, so that a listener that was away can have what it missed. */
export class LocalEventBus implements EventBus {
  readonly #held: ArchiverEvent[] = [];
  readonly #most: number;
  readonly #listeners = new Set<Listener>();
  readonly #report: (error: unknown) => void;

  /**
   * @param most events held
   * @param report told what a listener threw; it does not stop the others
   */
  constructor(most: number, report: (error: unknown) => void) {
    this.#most = most;
    this.#report = report;
  }

  async publish(events: readonly ArchiverEvent[]): Promise<void> {
    for (const event of events) {
      this.#held.push(event);
      if (this.#held.length > this.#most) this.#held.shift();
      for (const listener of [...this.#listeners]) this.#tell(listener, event);
    }
  }

  subscribe(listener: Listener, after?: string): () => void {
    if (after !== undefined) for (const event of this.#heldAfter(after)) this.#tell(listener, event);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#listeners.clear();
  }

  /** All that is held when the id is not: it is older, and too much is better than a gap. */
  #heldAfter(id: string): ArchiverEvent[] {
    return this.#held.slice(this.#held.findLastIndex((event) => event.id === id) + 1);
  }

  #tell(listener: Listener, event: ArchiverEvent): void {
    try {
      listener(event);
    } catch (error) {
      this.#report(error);
    }
  }
}
