import { describe, expect, it, onTestFinished } from 'vitest';
import { EventFeed } from '../../src/events/feed.js';
import { LocalEventBus } from '../../src/events/local.js';
import { resourcesEvent } from '../../src/events/told.js';
import { systemClock } from '../../src/model/clock.js';
import { startWeb } from '../../src/web/server.js';
import { openLedger } from '../stage/open-ledger.js';
import { fileId, imageStart, OBSID, SENSORS, written } from '../stage/records.js';
import { keptTempDir } from '../support/temp.js';
import { served } from './served.js';

/** A ledger with its events over HTTP. */
async function setUp() {
  const folder = keptTempDir();
  const { ledger, thread } = await openLedger(folder.path);
  const bus = new LocalEventBus(10, () => undefined);
  const feed = new EventFeed({ log: ledger.events(), bus, onEvents: (listener) => thread.onEvents(listener) });
  const web = await startWeb({ host: '127.0.0.1', port: 0, archiver: () => served({ feed, ledger }) });
  onTestFinished(async () => {
    await web.close();
    await ledger.close();
    folder.remove();
  });
  await ledger.beginImage(imageStart());
  const write = (sensor: string) => ledger.recordWritten(written(fileId(sensor)));
  return { ledger, bus, write, base: `http://127.0.0.1:${web.port}` };
}

interface Sent {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: { readonly sensor?: string };
}

/** Connects and resolves once the answer has begun; `next` gives what comes. */
async function listen(base: string, headers: Record<string, string> = {}) {
  const ending = new AbortController();
  onTestFinished(() => ending.abort());
  const answer = await fetch(`${base}/events`, { headers, signal: ending.signal });
  expect(answer.headers.get('content-type')).toMatch(/^text\/event-stream/);
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const next = async (): Promise<Sent> => {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end < 0) {
        const { value, done } = (await reader?.read()) ?? { done: true };
        if (done) throw new Error('the stream ended');
        text += value;
        continue;
      }
      const block = text.slice(0, end);
      text = text.slice(end + 2);
      if (!block.includes('data:')) continue;
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
      return { event: field('event') ?? '', id: field('id'), data: JSON.parse(field('data') ?? 'null') };
    }
  };
  return { next, end: () => ending.abort() };
}

describe('GET /events', () => {
  it('sends what the ledger commits from then on, with ids to go on from', async () => {
    const { base, write } = await setUp();
    await write('S00');
    const { next } = await listen(base);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await write('S01');
    expect(await next()).toMatchObject({
      event: 'imageRetrievalForArchiving',
      id: expect.stringMatching(/_S01\/raw\/1\.ok$/),
      data: { sensor: 'S01', obsid: OBSID },
    });
  });

  it('goes on after Last-Event-ID without a gap and without a repeat', async () => {
    const { base, write } = await setUp();
    const first = await listen(base);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await write('S00');
    const { id = '' } = await first.next();
    first.end();
    for (const sensor of SENSORS.slice(1, 5)) await write(sensor);
    const second = await listen(base, { 'Last-Event-ID': id });
    await write('S22');
    const got = [];
    for (let n = 0; n < 5; n++) got.push((await second.next()).data.sensor);
    expect(got).toEqual([...SENSORS.slice(1, 5), 'S22']);
  });

  it('tells of a gap when the event is not held any more, and begins with the oldest that is', async () => {
    const { base, write } = await setUp();
    await write('S00');
    const { next } = await listen(base, { 'Last-Event-ID': 'imageInOODS.of/long/ago' });
    expect((await next()).event).toBe('gap');
    expect((await next()).data.sensor).toBe('S00');
  });

  it('also sends what is told as it happens, without an id', async () => {
    const { base, bus } = await setUp();
    const { next } = await listen(base);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const figures = {
      diskFreeBytes: 1,
      poolBytes: null,
      poolBytesInUse: null,
      imagesUnderWay: 0,
      imagesWaiting: 0,
      jobsWaiting: 0,
    };
    await bus.publish([resourcesEvent(figures, { archiverName: 'x', clock: systemClock })]);
    expect(await next()).toMatchObject({ event: 'archiverResources', id: undefined });
  });
});

describe('GET /images', () => {
  it('gives rows of the ledger, newest first, and one by its name', async () => {
    const { base, ledger, write } = await setUp();
    await write('S11');
    const later = OBSID.replace(/\d$/, '9');
    await ledger.beginImage(imageStart(later));
    const get = async (path: string) => {
      const answer = await fetch(`${base}${path}`);
      return [answer.status, await answer.json()];
    };
    expect(await get('/images')).toMatchObject([200, [{ obsid: later }, { obsid: OBSID }]]);
    expect(await get(`/images?before=${later}&limit=1`)).toMatchObject([200, [{ obsid: OBSID }]]);
    expect(await get(`/images/${OBSID}`)).toEqual([200, JSON.parse(JSON.stringify(await ledger.view().image(OBSID)))]);
    expect((await get('/images/CC_O_20261127_000099'))[0]).toBe(404);
    for (const limit of ['0', '101', '-1', 'x', '1e9']) expect((await get(`/images?limit=${limit}`))[0]).toBe(400);
  });
});
