import { expect, it } from 'vitest';
import { LocalEventBus } from '../../src/events/local.js';
import type { ArchiverEvent } from '../../src/events/port.js';
import { event, eventBusConformance } from '../conformance/event-bus.js';

const HELD = 10;

eventBusConformance('Local', HELD, async (report) => {
  const bus = new LocalEventBus(HELD, report);
  return { bus, settled: async () => undefined, close: () => bus.close() };
});

it('The local bus holds no more than it is told to', async () => {
  const bus = new LocalEventBus(HELD, () => undefined);
  for (let n = 0; n < 100; n++) await bus.publish([event(n)]);
  const got: ArchiverEvent[] = [];
  bus.subscribe((each) => got.push(each), 'unknown');
  expect(got.map(({ id }) => id)).toEqual(Array.from({ length: HELD }, (_, index) => `event.${90 + index}`));
});
