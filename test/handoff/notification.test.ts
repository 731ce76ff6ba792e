import { describe, expect, it, onTestFinished } from 'vitest';
import { notificationsOf, type ObjectCreated, objectCreated } from '../../src/handoff/notification.js';
import { NotificationStream } from '../../src/handoff/notification-stream.js';
import { Webhook } from '../../src/handoff/webhook.js';
import { notificationSinkConformance, notifications } from '../conformance/notification-sink.js';
import { describeUnless } from '../support/not-run.js';
import { notifiedEndpoint } from '../support/notified.js';
import { REDIS_MISSING, RedisServer } from '../support/redis.js';
import { forwarded } from './forwarded.js';

/** What prompt processing takes as an exposure of an LSST camera, as its own source has it. */
const PROMPT_KEY =
  /^(?<instrument>[^/]+)\/(?<day>\d{8})\/(?<obs_id>[A-Z]{2}_[A-Z]_\d{8}_\d{6})\/\k<obs_id>_(?<raft>R\d\d)_(?<sensor>S.\d)\.f.*$/;

notificationSinkConformance('The webhook', async () => {
  let isAway = false;
  const { url, records } = await notifiedEndpoint((_, response) => {
    if (isAway) response.writeHead(503).end();
    return false;
  });
  const goAway = async () => {
    isAway = true;
  };
  return { sink: webhook(url), taken: async () => records, goAway };
});

describeUnless(REDIS_MISSING, 'On a real Redis', () => {
  notificationSinkConformance('the notification stream', async () => {
    const server = await RedisServer.start();
    onTestFinished(() => server.remove());
    const reports = { lost: () => undefined, ready: () => undefined };
    const sink = await NotificationStream.open({ redis: { url: server.url }, stream: 'n', most: 1000, reports });
    onTestFinished(() => sink.close());
    const taken = async () => {
      const entries = JSON.parse(server.cli('--json', 'xrange', 'n', '-', '+')) as [string, string[]][];
      return entries.map(([, [, id, , message = '']]) => {
        const [record] = (JSON.parse(message) as { Records: [ObjectCreated] }).Records;
        expect(id).toBe(record.eventId);
        return record;
      });
    };
    return { sink, taken, goAway: () => server.kill() };
  });
});

function webhook(url: string, token?: string): Webhook {
  const hook = new Webhook({ url, token, timeoutMs: 300 });
  onTestFinished(() => hook.close());
  return hook;
}

describe('a notification', () => {
  it('has the shape of an S3 event message that prompt processing takes', () => {
    const event = forwarded();
    const [record] = notificationsOf([event], 'night') as [ObjectCreated];
    expect(record.eventName).toMatch(/^ObjectCreated/);
    expect(record.eventId).toBe(event.id);
    expect(record.eventTime).toBe('2026-11-27T09:59:23Z'); // TAI is 37 s ahead of UTC
    expect(record.s3.bucket.name).toBe('night');
    expect(record.s3.object).toMatchObject({ key: event.key, size: event.bytes, eTag: event.md5 });
    expect(PROMPT_KEY.exec(record.s3.object.key)?.groups).toMatchObject({ instrument: 'LSSTComCam', raft: 'R22' });
  });

  it('is caused by a file at the prompt key alone', () => {
    const { type: _, ...fields } = forwarded();
    expect(notificationsOf([{ ...fields, type: 'imageInOODS', statusCode: 0 }], 'night')).toEqual([]);
  });

  it('on a later object has a greater sequencer', () => {
    const sequencer = (time: string) => objectCreated(forwarded({ time }), 'night').s3.object.sequencer;
    expect(sequencer('2026-11-27T10:00:00.001') > sequencer('2026-11-27T10:00:00.000')).toBe(true);
    expect(sequencer('2026-11-27T10:00:00.000') > sequencer('1999-11-27T10:00:00.000')).toBe(true);
  });
});

describe('the webhook', () => {
  it('sends the token and says what it sends', async () => {
    const endpoint = await notifiedEndpoint();
    await webhook(endpoint.url, 'secret').notify(notifications(1));
    expect(endpoint.requests[0]?.headers).toMatchObject({
      authorization: 'Bearer secret',
      'content-type': 'application/json',
    });
  });

  it.each([
    [
      'refuses',
      'HTTP 503',
      (_: number, response: { writeHead(status: number): { end(): unknown } }) => {
        response.writeHead(503).end();
        return false;
      },
    ],
    ['hangs', 'no answer in 300 ms', () => true],
    [
      'sends elsewhere',
      'HTTP 307',
      (_: number, response: { writeHead(status: number, headers: object): { end(): unknown } }) => {
        response.writeHead(307, { Location: 'http://127.0.0.1:1/' }).end();
        return false;
      },
    ],
  ])('says NOTIFICATION_FAILED when the endpoint %s (%s), and nothing of the token', async (_, reason, answer) => {
    const endpoint = await notifiedEndpoint(answer);
    const failed = webhook(endpoint.url, 'secret').notify(notifications(1));
    await expect(failed).rejects.toMatchObject({
      code: 'NOTIFICATION_FAILED',
      details: { address: endpoint.url, reason },
    });
    await expect(failed).rejects.not.toThrow(/secret/);
  });

  it('says so when nobody is there', async () => {
    await expect(webhook('http://127.0.0.1:1/').notify(notifications(1))).rejects.toMatchObject({
      code: 'NOTIFICATION_FAILED',
    });
  });

  it('that is closed ends a call that hangs at once', async () => {
    const endpoint = await notifiedEndpoint(() => true);
    const hook = new Webhook({ url: endpoint.url, timeoutMs: 60_000 });
    const failed = expect(hook.notify(notifications(1))).rejects.toMatchObject({ code: 'NOTIFICATION_FAILED' });
    await expect.poll(() => endpoint.requests.length).toBe(1);
    hook.close();
    await failed;
  });
});
