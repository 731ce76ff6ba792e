import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { ArchiverEvent } from '../../src/events/port.js';
import { RedisStreamBus } from '../../src/events/redis-streams.js';
import { event, eventBusConformance } from '../conformance/event-bus.js';
import { describeUnless } from '../support/not-run.js';
import { eventually, REDIS_MISSING, RedisServer } from '../support/redis.js';

const HELD = 10;
const QUIET_MS = 250;

let server: RedisServer;
let opened = 0;

const open = (stream: string, report: (error: unknown) => void = () => undefined) =>
  RedisStreamBus.open({
    redis: { url: server.url },
    stream,
    most: HELD,
    reports: { lost: () => undefined, ready: () => undefined },
    report,
  });

describeUnless(REDIS_MISSING, 'Redis streams on a real Redis', () => {
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server.remove());

  eventBusConformance('Redis streams', HELD, async (report) => {
    const bus = await open(`events${opened++}`, report);
    let last = 0;
    const subscribe = bus.subscribe.bind(bus);
    bus.subscribe = (listener, after) => {
      const heard = (each: ArchiverEvent) => {
        last = Date.now();
        listener(each);
      };
      return subscribe(heard, after);
    };
    const settled = async () => {
      last = Date.now();
      await eventually(async () => Date.now() - last > QUIET_MS);
    };
    return { bus, settled, close: () => bus.close() };
  });
});

describeUnless(REDIS_MISSING, 'The event stream, when Redis is killed and comes back,', () => {
  beforeEach(async () => {
    server = await RedisServer.start();
    return () => server.remove();
  });

  it('refuses events meanwhile and brings a listener each that it took, once and in order', async () => {
    const bus = await open('events');
    const got: string[] = [];
    bus.subscribe(({ id }) => got.push(id));
    await bus.publish([event(1)]);
    await eventually(async () => got.length === 1);
    await server.kill();
    await expect(bus.publish([event(2)])).rejects.toMatchObject({ code: 'REDIS_UNREACHABLE' });
    await server.start();
    await eventually(() =>
      bus.publish([event(2), event(3)]).then(
        () => true,
        () => false,
      ),
    );
    await eventually(async () => got.length === 3);
    expect(got).toEqual(['event.1', 'event.2', 'event.3']);
    await bus.close();
  });

  it('keeps events for a listener of another process that begins later', async () => {
    const writer = await open('events');
    await writer.publish([event(1), event(2), event(3)]);
    await writer.close();
    const reader = await open('events');
    const got: string[] = [];
    reader.subscribe(({ id }) => got.push(id), 'event.1');
    await eventually(async () => got.length === 2);
    expect(got).toEqual(['event.2', 'event.3']);
    await reader.close();
  });
});
