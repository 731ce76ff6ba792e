import { expect, it } from 'vitest';
import { FIRST_IMAGE, SMALL_CAMERA, testImage, writeStore } from '../daq/images.js';
import { archive, captureOf, codes } from '../support/archive.js';
import { describeUnless } from '../support/not-run.js';
import { REDIS_MISSING, RedisServer } from '../support/redis.js';
import { tempDir } from '../support/temp.js';

const states = (rows: Awaited<ReturnType<typeof archive>>['rows']) =>
  rows.flatMap(({ files }) => files.flatMap(({ state, deliveries }) => [state, ...deliveries.map((d) => d.state)]));

async function replayWith(server: RedisServer, meanwhile?: () => Promise<void>) {
  const capture = tempDir();
  await writeStore(capture, [testImage(FIRST_IMAGE)]);
  const settings = { queue: 'bullmq', redis: { url: server.url } } as const;
  const daq = captureOf(capture, SMALL_CAMERA);
  return archive({ daq, camera: SMALL_CAMERA, settings, ...(meanwhile === undefined ? {} : { meanwhile }) });
}

describeUnless(REDIS_MISSING, 'an archiver whose staging work waits in Redis', () => {
  it('seals and delivers every file', async () => {
    const server = await RedisServer.start();
    const { rows, problems } = await replayWith(server);
    await server.remove();
    expect(problems).toEqual([]);
    expect(new Set(states(rows))).toEqual(new Set(['sealed', 'delivered']));
  });

  it('archives while Redis is down, and stages all of it when Redis is back with nothing in it', async () => {
    const server = await RedisServer.start();
    await server.kill();
    const { rows, problems } = await replayWith(server, async () => {
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      await server.start();
    });
    await server.remove();
    expect(codes(problems)).toEqual(['REDIS_UNREACHABLE']);
    expect(new Set(states(rows))).toEqual(new Set(['sealed', 'delivered']));
  });
});
