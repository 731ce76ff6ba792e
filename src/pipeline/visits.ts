import type { Camera } from '../camera/types.js';
import type { ArchiverEvent } from '../events/port.js';
import type { MissingOfVisit } from '../events/told.js';
import type { Timer } from '../model/clock.js';
import { ArchiverError } from '../model/errors.js';
import type { PresenceKey } from './presence.js';

/** What is expected of one visit, as a nextVisit message announces it. */
export interface NextVisit {
  readonly instrument: string;
  readonly groupId: string;
  /** Snaps; 0 when nobody knows, then the first one is expected. */
  readonly nimages: number;
  /** Seconds that the visit takes. */
  readonly duration: number;
  /** Number of the detector of a message that was fanned out; undefined for all detectors of the camera. */
  readonly detector?: number | undefined;
}

export interface VisitsOptions {
  readonly camera: Camera;
  readonly clock: Timer;
  /** Whether a detector is at its prompt key already: a message may come after its image. */
  readonly presence: { find(key: PresenceKey): string | undefined };
  readonly tell: { visit(visit: MissingOfVisit): void; unmatched(obsid: string): void };
  readonly report: (error: ArchiverError) => void;
}

/** How long prompt processing waits for the images of a visit: twice its duration and so many seconds (prompt processing, IMAGE_TIMEOUT). */
const PATIENCE_SECONDS = 20;
/** Visits under watch; more than a night's telescope can have open. */
const MOST_VISITS = 1000;
/** Detectors that a message names. */
const NAMED = 10;
/** Images without a group that are remembered, the newest. */
const UNMATCHED_KEPT = 100;

interface Watched {
  readonly visit: NextVisit;
  /** `snap raft_sensor` of what has not come. */
  readonly missing: Set<string>;
  readonly ending: AbortController;
}

/**
 * Which detectors are expected at the prompt keys, by the visits that are announced, and who of them does not come. Kept in memory: a restart forgets
 * what was announced.
 */
export class Visits {
  private readonly watched = new Map<string, Watched>();
  private readonly unmatched = new Set<string>();
  private isClosed = false;

  constructor(private readonly options: VisitsOptions) {}

  /**
   * Messages on the same visit add up, as those do that are fanned out by detector.
   * @returns how many detectors and snaps are awaited of the visit now; undefined when it is of another instrument, or names a detector that the
   * camera has not
   */
  announce(visit: NextVisit): number | undefined {
    const slots = this.slotsOf(visit);
    if (visit.instrument !== this.options.camera.instrument || slots.length === 0) return undefined;
    const watched = this.watched.get(visit.groupId) ?? this.watch(visit);
    for (let snap = 0; snap < Math.max(1, visit.nimages); snap++) {
      const { instrument, groupId: group } = visit;
      for (const slot of slots) {
        const isThere = this.options.presence.find({ instrument, group, snap, slot }) !== undefined;
        if (!isThere) watched.missing.add(`${snap} ${slot}`);
      }
    }
    return watched.missing.size;
  }

  /** Images whose files are at their prompt keys without GROUPID, newest last. */
  get withoutGroup(): readonly string[] {
    return [...this.unmatched];
  }

  /** Events of any kind; a file at its prompt key is awaited no more. */
  hear(event: ArchiverEvent): void {
    if (event.type !== 'imageForwarded') return;
    const { obsid, groupId, snap, raft, sensor } = event;
    if (groupId === null) this.tellUnmatched(obsid);
    const watched = this.watched.get(groupId ?? '');
    watched?.missing.delete(`${snap ?? 0} ${raft}_${sensor}`);
    if (watched?.missing.size === 0) watched.ending.abort();
  }

  close(): void {
    this.isClosed = true;
    for (const { ending } of this.watched.values()) ending.abort();
  }

  private slotsOf({ detector }: NextVisit): string[] {
    return this.options.camera.rafts.flatMap(({ bay, rebs }) =>
      rebs.flatMap(({ ccds }) =>
        ccds
          .filter((ccd) => detector === undefined || ccd.detector === detector)
          .map(({ sensor }) => `${bay}_${sensor}`),
      ),
    );
  }

  private watch(visit: NextVisit): Watched {
    const watched = { visit, missing: new Set<string>(), ending: new AbortController() };
    this.watched.set(visit.groupId, watched);
    const [oldest] = this.watched.values();
    if (this.watched.size > MOST_VISITS) oldest?.ending.abort();
    const seconds = patienceOf(visit);
    this.options.clock
      .delay(seconds * 1000, watched.ending.signal)
      .catch(() => undefined)
      .then(() => this.end(watched, seconds));
    return watched;
  }

  private end({ visit, missing, ending }: Watched, seconds: number): void {
    this.watched.delete(visit.groupId);
    if (ending.signal.aborted || this.isClosed || missing.size === 0) return;
    const { instrument, groupId } = visit;
    const lacking = [...missing].map((place) => {
      const [, snap, raft = '', sensor = ''] = /^(\d+) (\w+)_(\w+)$/.exec(place) ?? [];
      return { snap: Number(snap), raft, sensor };
    });
    this.options.tell.visit({ instrument, groupId, missing: lacking });
    const named = lacking.slice(0, NAMED).map(({ snap, raft, sensor }) => `snap ${snap} ${raft}_${sensor}`);
    const problem = `${named.join(', ')}${lacking.length > NAMED ? ', ...' : ''}`;
    this.options.report(
      new ArchiverError('VISIT_INCOMPLETE', { name: groupId, actual: lacking.length, seconds, problem }),
    );
  }

  private tellUnmatched(obsid: string): void {
    if (this.unmatched.has(obsid)) return;
    this.unmatched.add(obsid);
    const [oldest] = this.unmatched;
    if (this.unmatched.size > UNMATCHED_KEPT && oldest !== undefined) this.unmatched.delete(oldest);
    this.options.tell.unmatched(obsid);
  }
}

/** Seconds from the announcement. */
function patienceOf({ duration }: NextVisit): number {
  return 2 * duration + PATIENCE_SECONDS;
}
