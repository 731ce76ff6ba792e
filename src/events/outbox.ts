import type { Timer } from '../model/clock.js';
import { type ArchiverError, asArchiverError } from '../model/errors.js';
import type { EventLog, EventReader } from '../stage/port.js';
import type { EventBus } from './port.js';

export interface OutboxPumpOptions {
  readonly log: Pick<EventLog, 'pending' | 'markPublished'>;
  readonly reader: EventReader;
  /** Resolves when all of them are taken. */
  readonly publish: EventBus['publish'];
  readonly clock: Timer;
  readonly report: (error: ArchiverError) => void;
}

const BATCH = 256;
/** Wait after an error of the ledger, or of who takes the events. */
const RETRY_MS = 1_000;

/**
 * Publishes the events that the ledger has committed for one reader, in their order, and moves its place only afterwards: each goes out at least
 * once, also when the process dies in between.
 */
export class OutboxPump {
  readonly #options: OutboxPumpOptions;
  readonly #closing = new AbortController();
  readonly #changes = new EventTarget();
  #awake = false;
  #isFailing = false;
  #pumping: Promise<void> | undefined;

  constructor(options: OutboxPumpOptions) {
    this.#options = options;
  }

  /** To be called after each transaction that stored events, and once at the start. */
  wake(): void {
    this.#awake = true;
    this.#pumpIfAwake();
  }

  /**
   * Resolves when all that was committed before the call is published, work has ended by close(), or who takes them is away: what it could not
   * take stays in the ledger for this or the next process.
   */
  async drain(): Promise<void> {
    this.wake();
    while (this.#pumping !== undefined && !this.#isFailing) {
      const failed = new Promise((resolve) => this.#changes.addEventListener('failed', resolve, { once: true }));
      await Promise.race([this.#pumping, failed]);
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#pumping;
  }

  #pumpIfAwake(): void {
    if (!this.#awake || this.#pumping !== undefined || this.#closing.signal.aborted) return;
    this.#pumping = this.#pump().finally(() => {
      this.#pumping = undefined;
      this.#pumpIfAwake();
    });
  }

  async #pump(): Promise<void> {
    const { clock, report } = this.#options;
    while (this.#awake && !this.#closing.signal.aborted) {
      this.#awake = false;
      try {
        await this.#publishAll();
        this.#isFailing = false;
      } catch (error) {
        if (!this.#isFailing) report(asArchiverError(error)); // an outage is told once, however often it is tried
        this.#isFailing = true;
        this.#awake = true;
        this.#changes.dispatchEvent(new Event('failed'));
        await clock.delay(RETRY_MS, this.#closing.signal).catch(() => undefined);
      }
    }
  }

  async #publishAll(): Promise<void> {
    const { log, reader, publish } = this.#options;
    for (;;) {
      const events = await log.pending(reader, BATCH);
      const last = events.at(-1);
      if (last === undefined || this.#closing.signal.aborted) return;
      await publish(events);
      await log.markPublished(reader, last.id);
    }
  }
}
