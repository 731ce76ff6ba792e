import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ArchiverEvent, EventBus } from '../../src/events/port.js';

export interface BusSubject {
  readonly bus: EventBus;
  /** Resolves when all that was published has reached the listeners. */
  readonly settled: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export function event(n: number): ArchiverEvent {
  return {
    type: 'imageIncomplete',
    id: `event.${n}`,
    time: '2024-11-09T03:14:15.926',
    version: 1,
    obsid: 'CC_O_20241108_000266',
    camera: 'comcam',
    archiverName: 'CCArchiver',
    missing: [{ raft: 'R22', sensor: 'S11', product: 'raw', reason: `reason ${n}` }],
  };
}

const events = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => event(from + index));

/**
 * What every EventBus promises. `open` gives a new one that holds at least the last `held` events and tells `report`
 * what listeners throw.
 */
export function eventBusConformance(
  name: string,
  held: number,
  open: (report: (error: unknown) => void) => Promise<BusSubject>,
): void {
  describe(`${name} as an EventBus`, () => {
    let subject: BusSubject;
    let bus: EventBus;
    let errors: unknown[];

    beforeEach(async () => {
      errors = [];
      subject = await open((error) => errors.push(error));
      bus = subject.bus;
    });
    afterEach(() => subject.close());

    const listen = (after?: string) => {
      const got: ArchiverEvent[] = [];
      return { got, end: bus.subscribe((each) => got.push(each), after) };
    };

    it('brings every event to every listener, whole and in the order of publication', async () => {
      const [one, other] = [listen(), listen()];
      await bus.publish(events(1, 3));
      await bus.publish(events(4, 5));
      await subject.settled();
      expect(one.got).toEqual(events(1, 5));
      expect(other.got).toEqual(events(1, 5));
    });

    it('a listener that throws stops neither the others nor itself', async () => {
      const seen: string[] = [];
      bus.subscribe(({ id }) => {
        seen.push(id);
        throw new Error(`cannot take ${id}`);
      });
      const { got } = listen();
      await bus.publish(events(1, 2));
      await subject.settled();
      expect(got).toEqual(events(1, 2));
      expect(seen).toEqual(['event.1', 'event.2']);
      expect(errors.map(String)).toEqual(['Error: cannot take event.1', 'Error: cannot take event.2']);
    });

    it('brings nothing after the end of a subscription', async () => {
      const { got, end } = listen();
      await bus.publish([event(1)]);
      await subject.settled();
      end();
      await bus.publish([event(2)]);
      await subject.settled();
      expect(got).toEqual([event(1)]);
    });

    it('gives a listener that comes back what it missed, then what comes', async () => {
      await bus.publish(events(1, 3));
      await subject.settled();
      const { got } = listen('event.1');
      const fresh = listen();
      await bus.publish([event(4)]);
      await subject.settled();
      expect(got).toEqual(events(2, 4));
      expect(fresh.got).toEqual([event(4)]);
    });

    it('gives a listener that was away too long at least all that is still held', async () => {
      await bus.publish(events(1, held + 5));
      await subject.settled();
      const { got } = listen('event.1');
      await subject.settled();
      expect(got.slice(-held)).toEqual(events(6, held + 5));
    });
  });
}
