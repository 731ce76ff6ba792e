import type { EventLog } from '../stage/port.js';
import type { ArchiverEvent, EventBus } from './port.js';
import { isTold } from './told.js';

export interface EventFeedOptions {
  readonly log: Pick<EventLog, 'after' | 'last'>;
  /** Told whenever the ledger has committed events. */
  readonly onEvents: (listener: () => void) => void;
  readonly bus: Pick<EventBus, 'subscribe'>;
}

/** One step of a feed: where it begins, an event, or that events between the asked one and the next are not held any more. */
export type FeedItem =
  | { readonly kind: 'start'; readonly after: string }
  | { readonly kind: 'event'; readonly event: ArchiverEvent; readonly isHeld: boolean }
  | { readonly kind: 'gap' };

const PAGE = 100;
/** Before the first event there is none to go on after; whoever asks for this one gets all that is held. */
const NO_EVENT = 'none';
/** Of what is told as it happens a slow reader gets the newest. */
const TOLD_KEPT = 100;

/**
 * All events for any number of readers, each at its own pace: those of the ledger in its order from where the reader was, also over restarts
 * (`isHeld`), and between them what is told as it happens. Nothing gathers for a reader that is slow: it reads on in the ledger.
 */
export class EventFeed {
  private readonly bells = new Set<() => void>();

  constructor(private readonly options: EventFeedOptions) {
    options.onEvents(() => {
      for (const ring of this.bells) ring();
    });
  }

  /**
   * Until the signal aborts.
   * @param after id of the last event that the reader knows; undefined begins with what comes
   */
  async *follow(after: string | undefined, signal: AbortSignal): AsyncGenerator<FeedItem> {
    const { log, bus } = this.options;
    const told: ArchiverEvent[] = [];
    const bell = new Bell();
    const hear = (event: ArchiverEvent) => {
      if (!isTold(event)) return;
      told.push(event);
      if (told.length > TOLD_KEPT) told.shift();
      bell.ring();
    };
    const end = bus.subscribe(hear);
    this.bells.add(bell.ring);
    signal.addEventListener('abort', bell.ring);
    try {
      let place = after ?? (await log.last());
      yield { kind: 'start', after: place ?? NO_EVENT };
      while (!signal.aborted) {
        bell.still();
        const { events, isGap } = await log.after(place, PAGE);
        if (isGap) yield { kind: 'gap' };
        for (const event of events) yield { kind: 'event', event, isHeld: true };
        for (const event of told.splice(0)) yield { kind: 'event', event, isHeld: false };
        place = events.at(-1)?.id ?? (isGap ? undefined : place);
        if (events.length === 0 && !signal.aborted) await bell.rung();
      }
    } finally {
      end();
      this.bells.delete(bell.ring);
    }
  }
}

/** Remembers that it rang until it is stilled. */
class Bell {
  private waiting: (() => void) | undefined;
  private hasRung = false;

  readonly ring = (): void => {
    this.hasRung = true;
    this.waiting?.();
  };

  still(): void {
    this.hasRung = false;
  }

  rung(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting = resolve;
      if (this.hasRung) resolve();
    });
  }
}
