import type { Config } from '../config.js';
import { OutboxPump } from '../events/outbox.js';
import type { ArchiverEvent, EventBus } from '../events/port.js';
import { type Damage, damageEvent, errorCodeEvent, type Resources, resourcesEvent } from '../events/told.js';
import { systemClock } from '../model/clock.js';
import type { ArchiverError } from '../model/errors.js';
import { Presence } from '../pipeline/presence.js';
import type { LedgerThread, SqliteLedger } from '../stage/ledger/client.js';
import { openBus } from './adapters.js';

/** Whatever goes out as an event: the ledger's outbox, and what is told as it happens. */
export interface Announcer {
  readonly events: EventBus;
  readonly presence: Presence;
  readonly tell: {
    error(error: ArchiverError | undefined): void;
    resources(resources: Resources): void;
    damage(damage: Damage): void;
  };
  /** Resolves when all that the ledger has committed is published. */
  drained(): Promise<void>;
  close(): Promise<void>;
}

export interface AnnouncerParts {
  readonly thread: LedgerThread;
  readonly ledger: SqliteLedger;
  /** Of the camera, whose files presence tells of. */
  readonly instrument: string;
  readonly report: (error: unknown) => void;
}

/** @throws ArchiverError REDIS_UNSAFE */
export async function newAnnouncer(
  config: Config,
  { thread, ledger, instrument, report }: AnnouncerParts,
): Promise<Announcer> {
  const events = await openBus(config, report);
  const presence = new Presence(instrument, systemClock);
  presence.load(ledger.view()).catch(report); // while work goes on
  const publishHeard = async (committed: readonly ArchiverEvent[]) => {
    for (const event of committed) presence.hear(event); // also while the bus is away
    await events.publish(committed);
  };
  const pump = new OutboxPump({ ledger, bus: { publish: publishHeard }, clock: systemClock, report });
  thread.onEvents(() => pump.wake());
  pump.wake();
  const teller = { archiverName: config.archiverName, clock: systemClock };
  const publish = (event: ArchiverEvent) => void events.publish([event]).catch(report);
  return {
    events,
    presence,
    tell: {
      error: (error) => publish(errorCodeEvent(error, teller)),
      resources: (resources) => publish(resourcesEvent(resources, teller)),
      damage: (damage) => publish(damageEvent(damage, teller)),
    },
    drained: () => pump.drain(),
    close: async () => {
      await pump.close();
      await events.close();
    },
  };
}
