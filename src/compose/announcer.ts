import type { Camera } from '../camera/types.js';
import type { Config } from '../config.js';
import { EventFeed } from '../events/feed.js';
import { OutboxPump } from '../events/outbox.js';
import type { ArchiverEvent, EventBus } from '../events/port.js';
import {
  type Damage,
  damageEvent,
  errorCodeEvent,
  type MissingOfVisit,
  type Resources,
  resourcesEvent,
  type Teller,
  unmatchedEvent,
  visitIncompleteEvent,
} from '../events/told.js';
import { notificationsOf } from '../handoff/notification.js';
import { systemClock } from '../model/clock.js';
import type { ArchiverError } from '../model/errors.js';
import { Presence } from '../pipeline/presence.js';
import { Visits } from '../pipeline/visits.js';
import type { LedgerThread, SqliteLedger } from '../stage/ledger/client.js';
import type { EventReader } from '../stage/port.js';
import { openBus, openNotificationSinks } from './adapters.js';

/** Whatever goes out as an event: the ledger's outbox, and what is told as it happens. */
export interface Announcer {
  readonly events: EventBus;
  readonly feed: EventFeed;
  readonly presence: Presence;
  readonly visits: Visits;
  readonly tell: {
    error(error: ArchiverError | undefined): void;
    resources(resources: Resources): void;
    damage(damage: Damage): void;
    visit(visit: MissingOfVisit): void;
    unmatched(obsid: string): void;
  };
  /** Resolves when all that the ledger has committed is published and notified, or who should take it is away. */
  drained(): Promise<void>;
  close(): Promise<void>;
}

export interface AnnouncerParts {
  readonly thread: LedgerThread;
  readonly ledger: SqliteLedger;
  /** Whose files presence tells of, and whose detectors a visit awaits. */
  readonly camera: Camera;
  readonly report: (error: unknown) => void;
}

/** @throws ArchiverError REDIS_UNSAFE */
export async function newAnnouncer(
  config: Config,
  { thread, ledger, camera, report }: AnnouncerParts,
): Promise<Announcer> {
  const events = await openBus(config, report);
  const presence = new Presence(camera.instrument, systemClock);
  const closing = new AbortController();
  const loading = presence.load(ledger.view(), closing.signal).catch(report); // while work goes on
  const tell = tellerOn(events, { archiverName: config.archiverName, clock: systemClock }, report);
  const visits = new Visits({ camera, clock: systemClock, presence, tell, report });
  const publishHeard = async (committed: readonly ArchiverEvent[]) => {
    for (const event of committed) {
      presence.hear(event); // also while the bus is away
      visits.hear(event);
    }
    await events.publish(committed);
  };
  const sinks = await openNotificationSinks(config);
  const log = ledger.events();
  await log.keepReaders([...sinks.keys()]);
  const newPump = (reader: EventReader, publish: EventBus['publish']) =>
    new OutboxPump({ log, reader, publish, clock: systemClock, report });
  const notifying = [...sinks].map(([reader, sink]) =>
    newPump(reader, (committed) => sink.notify(notificationsOf(committed, config.prompt.bucket))),
  );
  const pumps = [newPump('bus', publishHeard), ...notifying];
  const wake = () => pumps.forEach((pump) => void pump.wake());
  thread.onEvents(wake);
  wake();
  return {
    events,
    feed: new EventFeed({ log, bus: events, onEvents: (listener) => thread.onEvents(listener) }),
    presence,
    visits,
    tell,
    drained: async () => void (await Promise.all(pumps.map((pump) => pump.drain()))),
    close: async () => {
      closing.abort();
      visits.close();
      await loading;
      for (const sink of sinks.values()) sink.close();
      await Promise.all(pumps.map((pump) => pump.close()));
      await events.close();
    },
  };
}

/** What is told as it happens; nobody may wait for it. */
function tellerOn(events: EventBus, teller: Teller, report: (error: unknown) => void): Announcer['tell'] {
  const publish = (event: ArchiverEvent) => void events.publish([event]).catch(report);
  return {
    error: (error) => publish(errorCodeEvent(error, teller)),
    resources: (resources) => publish(resourcesEvent(resources, teller)),
    damage: (damage) => publish(damageEvent(damage, teller)),
    visit: (visit) => publish(visitIncompleteEvent(visit, teller)),
    unmatched: (obsid) => publish(unmatchedEvent(obsid, teller)),
  };
}
