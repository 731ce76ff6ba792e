import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { ArchiverError } from '../../src/model/errors.js';
import { BullMqQueue } from '../../src/stage/bullmq-queue.js';
import { type Job, jobId } from '../../src/stage/port.js';
import { stageQueueConformance } from '../conformance/stage-queue.js';
import { describeUnless } from '../support/not-run.js';
import { eventually, REDIS_MISSING, RedisServer } from '../support/redis.js';
import { fileId } from './records.js';

const SEAL: Job = { kind: 'seal', file: fileId('S00') };
/** Stalled checks are far apart in service; a lock that ended is found within two of them. */
const STALLED_MS = 50;
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

let server: RedisServer;
let opened = 0;

async function open(reports: { lost?: (error: ArchiverError) => void; ready?: () => void } = {}, prefix?: string) {
  return await BullMqQueue.open({
    redis: { url: server.url },
    prefix: prefix ?? `test${opened++}`,
    reports: { lost: reports.lost ?? (() => undefined), ready: reports.ready ?? (() => undefined) },
    stalledMs: STALLED_MS,
  });
}

describeUnless(REDIS_MISSING, 'BullMQ on a real Redis', () => {
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server.remove());

  stageQueueConformance('BullMQ', { standingClock: false }, async () => {
    const queue = await open();
    return { queue, advance: (ms) => pause(ms + 4 * STALLED_MS), close: () => queue.close() };
  });
});

describeUnless(REDIS_MISSING, 'The BullMQ queue, when its server goes away,', () => {
  beforeEach(async () => {
    server = await RedisServer.start();
    return () => server.remove();
  });

  it('tells of it once, takes nothing meanwhile, and tells when it is back with its jobs', async () => {
    const told: string[] = [];
    const queue = await open({ lost: ({ code }) => told.push(code), ready: () => told.push('ready') });
    await queue.add([SEAL]);
    await server.kill();
    await eventually(async () => told.includes('REDIS_UNREACHABLE'));
    expect(await queue.claim(1, 1000)).toEqual([]);
    await expect(queue.counts()).rejects.toMatchObject({ code: 'REDIS_UNREACHABLE' });
    await pause(700);
    await server.start();
    await eventually(async () => told.length === 3);
    expect(told).toEqual(['ready', 'REDIS_UNREACHABLE', 'ready']);
    expect((await queue.claim(1, 1000)).map(({ id }) => id)).toEqual([jobId(SEAL)]);
    await queue.close();
  });

  it('starts without a server and works once there is one', async () => {
    await server.kill();
    const told: string[] = [];
    const queue = await open({ lost: ({ code }) => told.push(code), ready: () => told.push('ready') });
    expect(told).toEqual(['REDIS_UNREACHABLE']);
    await server.start();
    await eventually(async () => told.includes('ready'));
    await queue.add([SEAL]);
    for (const claim of await queue.claim(1, 60_000)) await queue.complete(claim);
    expect(await queue.counts()).toEqual({ waiting: 0, active: 0, failed: 0 });
    await queue.close();
  });

  it('has nothing to give out after FLUSHALL, and takes the same work again', async () => {
    const queue = await open();
    await queue.add([SEAL]);
    server.cli('flushall');
    expect(await queue.claim(1, 1000)).toEqual([]);
    await queue.add([SEAL]);
    expect((await queue.claim(1, 1000)).map(({ job }) => job)).toEqual([SEAL]);
    await queue.close();
  });
});

describeUnless(REDIS_MISSING, 'The BullMQ queue and another host', () => {
  beforeEach(async () => {
    server = await RedisServer.start();
    return () => server.remove();
  });

  it('holds a job as long as its process lives and renews the lock, however short the lock', async () => {
    const queue = await BullMqQueue.open({
      redis: { url: server.url },
      prefix: 'renewed',
      reports: { lost: () => undefined, ready: () => undefined },
      lockMs: 300,
      stalledMs: STALLED_MS,
    });
    await queue.add([SEAL]);
    const [claim] = await queue.claim(1, 60_000);
    await pause(1_200);
    expect(await queue.claim(1, 60_000)).toEqual([]);
    if (claim === undefined) throw new Error('one job was added');
    await queue.complete(claim);
    expect(await queue.counts()).toEqual({ waiting: 0, active: 0, failed: 0 });
    await queue.close();
  });

  it('gives a job that the other one took to its grave out again, with the tries counted on', async () => {
    const shared = { redis: { url: server.url }, prefix: 'hosts', lockMs: 300, stalledMs: STALLED_MS };
    const reports = { lost: () => undefined, ready: () => undefined };
    const dead = await BullMqQueue.open({ ...shared, reports });
    await dead.add([SEAL]);
    expect(await dead.claim(1, 60_000)).toHaveLength(1);
    await dead.close();
    const alive = await BullMqQueue.open({ ...shared, reports });
    let attempt = 0;
    await eventually(async () => {
      const [claim] = await alive.claim(1, 60_000);
      attempt = claim?.attempt ?? 0;
      return claim !== undefined;
    });
    expect(attempt).toBe(2);
    await alive.close();
  });
});

describeUnless(REDIS_MISSING, 'The BullMQ queue, opened again,', () => {
  it('gives out at once what an earlier process kept back, and takes again what it set aside', async () => {
    server = await RedisServer.start();
    const aside: Job = { kind: 'seal', file: fileId('S01') };
    const error = { code: 'DISK_FULL', message: '', details: {} } as const;
    const first = await open({}, 'again');
    await first.add([SEAL, aside]);
    const [delayed, failed] = await first.claim(2, 60_000);
    if (delayed === undefined || failed === undefined) throw new Error('two jobs were added');
    await first.fail(delayed, error, 3_600_000);
    await first.fail(failed, error);
    await first.close();

    const second = await open({}, 'again');
    await second.add([aside]);
    expect(new Set((await second.claim(10, 60_000)).map(({ id }) => id))).toEqual(new Set([jobId(SEAL), jobId(aside)]));
    await second.close();
    await server.remove();
  });
});

describeUnless(REDIS_MISSING, 'A Redis that may lose jobs', () => {
  const refused = async (settings: string[]) => {
    server = await RedisServer.start(settings);
    try {
      await expect(open()).rejects.toMatchObject({ code: 'REDIS_UNSAFE' });
    } finally {
      await server.remove();
    }
  };

  it('is refused when it evicts', () => refused(['--appendonly', 'yes', '--maxmemory-policy', 'allkeys-lru']));

  it('is refused when it keeps no append-only file', () => refused(['--appendonly', 'no']));
});
