import { describe, expect, it, onTestFinished } from 'vitest';
import { LocalEventBus } from '../../src/events/local.js';
import { OutboxPump } from '../../src/events/outbox.js';
import type { EventBus } from '../../src/events/port.js';
import { systemClock } from '../../src/model/clock.js';
import { openLedger } from '../stage/open-ledger.js';
import { fileId, imageStart, SENSORS, written } from '../stage/records.js';
import { ManualTimer } from '../support/manual-timer.js';
import { keptTempDir } from '../support/temp.js';

async function setUp(wrap: (bus: EventBus) => EventBus = (bus) => bus, clock = systemClock) {
  const folder = keptTempDir();
  const { ledger, thread } = await openLedger(folder.path);
  const bus = new LocalEventBus(1000, () => undefined);
  const got: string[] = [];
  bus.subscribe(({ id }) => got.push(id));
  const problems: string[] = [];
  const wrapped = wrap(bus);
  const pump = new OutboxPump({
    log: ledger.events(),
    reader: 'bus',
    publish: (events) => wrapped.publish(events),
    clock,
    report: ({ code }) => problems.push(code),
  });
  thread.onEvents(() => pump.wake());
  onTestFinished(async () => {
    await pump.close();
    await ledger.close();
    folder.remove();
  });
  await ledger.beginImage(imageStart());
  return { ledger, pump, got, problems };
}

/** A bus that refuses so many calls before it takes one. */
const refusing = (times: number) => (bus: EventBus) => {
  let left = times;
  return Object.assign(Object.create(bus) as EventBus, {
    publish: async (events: Parameters<EventBus['publish']>[0]) => {
      if (left-- > 0) throw new Error('bus is away');
      await bus.publish(events);
    },
  });
};

describe('The outbox', () => {
  it('publishes every event that the ledger commits, in its order, once', async () => {
    const { ledger, pump, got } = await setUp();
    for (const sensor of SENSORS) await ledger.recordWritten(written(fileId(sensor)));
    await pump.drain();
    expect(got).toEqual(SENSORS.map((sensor) => expect.stringContaining(`_${sensor}/`)));
    expect(await ledger.events().pending('bus', 10)).toEqual([]);
    await ledger.recordWritten(written(fileId('S00')));
    await pump.drain();
    expect(got).toHaveLength(SENSORS.length);
  });

  it('publishes at its start what an earlier process committed and did not publish', async () => {
    const { ledger, pump } = await setUp();
    await pump.close();
    await ledger.recordWritten(written(fileId('S00')));
    const bus = new LocalEventBus(10, () => undefined);
    const got: string[] = [];
    bus.subscribe(({ id }) => got.push(id));
    const next = new OutboxPump({
      log: ledger.events(),
      reader: 'bus',
      publish: (events) => bus.publish(events),
      clock: systemClock,
      report: () => undefined,
    });
    await next.drain();
    expect(got).toHaveLength(1);
  });

  it('keeps an event until the bus has taken it, tries again, and tells of the outage once', async () => {
    const clock = new ManualTimer();
    const { ledger, pump, got, problems } = await setUp(refusing(2), clock);
    await ledger.recordWritten(written(fileId('S00')));
    await pump.drain();
    expect(await ledger.events().pending('bus', 10)).toHaveLength(1);
    expect(got).toEqual([]);
    while (got.length === 0) await clock.advance(500);
    await pump.drain();
    expect(problems).toEqual(['INTERNAL']);
    expect(await ledger.events().pending('bus', 10)).toEqual([]);
  });

  it('repeats an event with the same id when the process dies between publishing and marking', async () => {
    const { ledger, pump, got } = await setUp();
    await ledger.recordWritten(written(fileId('S00')));
    await pump.drain();
    const bus = new LocalEventBus(10, () => undefined);
    bus.subscribe(({ id }) => got.push(id));
    let marks = 0;
    const log = ledger.events();
    const dying = new OutboxPump({
      log: {
        pending: (reader, limit) => log.pending(reader, limit),
        markPublished: async (reader, lastId) => {
          if (marks++ === 0) throw new Error('killed here');
          await log.markPublished(reader, lastId);
        },
      },
      reader: 'bus',
      publish: (events) => bus.publish(events),
      clock: { ...systemClock, delay: async () => undefined },
      report: () => undefined,
    });
    await pump.close();
    await ledger.recordWritten(written(fileId('S01')));
    dying.wake();
    while (marks < 2) await new Promise((resolve) => setImmediate(resolve));
    await dying.drain();
    expect(got).toHaveLength(3);
    expect(got[2]).toBe(got[1]);
    await dying.close();
  });

  it('stops when it is closed, also while the bus is away', async () => {
    const { ledger, pump, problems } = await setUp(refusing(Number.POSITIVE_INFINITY), new ManualTimer());
    await ledger.recordWritten(written(fileId('S00')));
    while (problems.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await pump.close();
    expect(await ledger.events().pending('bus', 10)).toHaveLength(1);
  });
});
