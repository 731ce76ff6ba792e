import type { ArchiverEvent } from '../events/port.js';
import type { Clock } from '../model/clock.js';
import { taiFromIso, taiNow } from '../model/time.js';
import type { LedgerView } from '../stage/port.js';

/** What prompt processing asks for: one detector of one snap of one visit. */
export interface PresenceKey {
  /** As camera data names it, e.g. LSSTComCam. */
  readonly instrument: string;
  /** GROUPID. */
  readonly group: string;
  /** From 0. */
  readonly snap: number;
  /** Raft and sensor, e.g. R22_S11. */
  readonly slot: string;
}

const DAY_NS = 86_400_000_000_000n;
/** Snaps that are remembered: more than any camera takes in a day. */
const MOST_SNAPS = 10_000;
/** Images of the ledger that are asked for at once: its thread has commits to make in between. */
const PAGE = 10;

/** One snap of one visit: where its detectors are, by raft and sensor. */
interface Snap {
  readonly since: bigint;
  readonly uris: Map<string, string>;
}

/**
 * Where files at the prompt key are, for a day: an answer waits for no disk. What was forwarded is heard from the ledger's outbox before it is
 * published; what an earlier process has forwarded comes from the ledger.
 */
export class Presence {
  /** By group and snap. */
  private readonly snaps = new Map<string, Snap>();

  constructor(
    private readonly instrument: string,
    private readonly clock: Clock,
  ) {}

  /** Events of any kind; only imageForwarded with a GROUPID counts. The same event again changes nothing. */
  hear(event: ArchiverEvent): void {
    if (event.type !== 'imageForwarded' || event.groupId === null) return;
    const slot = `${event.raft}_${event.sensor}`;
    this.put(placeOf(event.groupId, event.snap ?? 0), slot, {
      uri: event.uri,
      since: taiFromIso(event.time) ?? taiNow(this.clock),
    });
  }

  /** What the ledger knows of the last day, newest first, without what was heard meanwhile being lost. Ends early when the signal aborts. */
  async load(ledger: Pick<LedgerView, 'images'>, signal: AbortSignal): Promise<void> {
    let before: string | undefined;
    while (!signal.aborted) {
      const images = await ledger.images(PAGE, before);
      for (const { createdAt, files } of images) {
        const since = taiFromIso(createdAt);
        if (since === null || this.isOld(since)) return;
        for (const { file, groupId, snap, deliveries } of files) {
          const there = deliveries.find(({ target, state }) => target === 'prompt' && state === 'delivered');
          if (groupId === null || there?.uri == null) continue;
          this.put(placeOf(groupId, snap ?? 0), `${file.raft}_${file.sensor}`, { uri: there.uri, since });
        }
      }
      before = images.at(-1)?.obsid;
      if (images.length < PAGE) return;
    }
  }

  /** URI of the file; undefined when it is not there, or was forwarded more than a day ago. */
  find({ instrument, group, snap, slot }: PresenceKey): string | undefined {
    const found = instrument === this.instrument ? this.snaps.get(placeOf(group, snap)) : undefined;
    return found === undefined || this.isOld(found.since) ? undefined : found.uris.get(slot);
  }

  private put(place: string, slot: string, { uri, since }: { uri: string; since: bigint }): void {
    const snap = this.snaps.get(place) ?? { since, uris: new Map() };
    snap.uris.set(slot, uri);
    this.snaps.set(place, snap);
    if (this.snaps.size > MOST_SNAPS) this.forgetOldest();
  }

  private forgetOldest(): void {
    const oldest = [...this.snaps].reduce((a, b) => (b[1].since < a[1].since ? b : a));
    this.snaps.delete(oldest[0]);
  }

  private isOld(since: bigint): boolean {
    return taiNow(this.clock) - since > DAY_NS;
  }
}

/** A group may hold any character but the one between. */
const placeOf = (group: string, snap: number) => `${group}\n${snap}`;
