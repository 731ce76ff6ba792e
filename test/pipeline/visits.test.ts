import { describe, expect, it } from 'vitest';
import type { MissingOfVisit } from '../../src/events/told.js';
import { systemClock } from '../../src/model/clock.js';
import type { ArchiverError } from '../../src/model/errors.js';
import { isoFromTai, taiNow } from '../../src/model/time.js';
import { Presence } from '../../src/pipeline/presence.js';
import { type NextVisit, Visits } from '../../src/pipeline/visits.js';
import { startWeb } from '../../src/web/server.js';
import { SMALL_CAMERA } from '../daq/images.js';
import { forwarded } from '../handoff/forwarded.js';
import { ManualTimer } from '../support/manual-timer.js';
import { served } from '../web/served.js';

const { obsid: OBSID } = forwarded();
const SLOTS = [0, 1, 2].flatMap((row) => [0, 1, 2].map((column) => `S${row}${column}`));
const VISIT: NextVisit = { instrument: 'LSSTComCam', groupId: 'g1', nimages: 2, duration: 30 };
/** Twice the duration, and 20 s. */
const PATIENCE_MS = 80_000;

function setUp() {
  const clock = new ManualTimer();
  const presence = new Presence('LSSTComCam', systemClock);
  const [told, problems]: [MissingOfVisit[], ArchiverError[]] = [[], []];
  const unmatched: string[] = [];
  const visits = new Visits({
    ...{ camera: SMALL_CAMERA, clock, presence },
    tell: { visit: (visit) => told.push(visit), unmatched: (obsid) => unmatched.push(obsid) },
    report: (error) => problems.push(error),
  });
  const come = (snap: number, sensors = SLOTS, groupId: string | null = 'g1') => {
    for (const sensor of sensors) visits.hear(forwarded({ groupId, snap, sensor }));
  };
  return { clock, presence, visits, told, unmatched, problems, come };
}

describe('A visit that is announced', () => {
  it('awaits every detector of every snap, and says who has not come once prompt processing waits no longer', async () => {
    const { clock, visits, told, problems, come } = setUp();
    expect(visits.announce(VISIT)).toBe(18);
    come(0);
    come(1, SLOTS.slice(2));
    await clock.advance(PATIENCE_MS - 1);
    expect(told).toEqual([]);
    await clock.advance(1);
    const missing = ['S00', 'S01'].map((sensor) => ({ snap: 1, raft: 'R22', sensor }));
    expect(told).toEqual([{ instrument: 'LSSTComCam', groupId: 'g1', missing }]);
    expect(problems.map(({ message }) => message)).toEqual([
      'Visit g1 was announced, and 2 detectors did not come within 80 s: snap 1 R22_S00, snap 1 R22_S01; see their images',
    ]);
  });

  it('is silent when all have come, and when it was announced twice', async () => {
    const { clock, visits, told, problems, come } = setUp();
    visits.announce(VISIT);
    expect(visits.announce(VISIT)).toBe(18);
    come(0);
    come(1);
    await clock.advance(PATIENCE_MS);
    expect([told, problems]).toEqual([[], []]);
  });

  it('adds up from messages that are fanned out by detector; without a number of snaps the first is awaited', () => {
    const { visits } = setUp();
    const first = SMALL_CAMERA.rafts[0]?.rebs[0]?.ccds[0]?.detector ?? 0;
    expect(visits.announce({ ...VISIT, nimages: 0, detector: first })).toBe(1);
    expect(visits.announce({ ...VISIT, nimages: 0, detector: first + 1 })).toBe(2);
    expect(visits.announce({ ...VISIT, detector: 999 })).toBeUndefined();
    expect(visits.announce({ ...VISIT, instrument: 'LSSTCam' })).toBeUndefined();
  });

  it('does not await what came before it was announced', () => {
    const { presence, visits } = setUp();
    presence.hear(forwarded({ groupId: 'g1', snap: 1, sensor: 'S11', time: isoFromTai(taiNow(systemClock)) }));
    expect(visits.announce(VISIT)).toBe(17);
  });

  it('is not told of by an archiver that ends', async () => {
    const { clock, visits, told } = setUp();
    visits.announce(VISIT);
    visits.close();
    await clock.advance(PATIENCE_MS);
    expect(told).toEqual([]);
  });
});

it('An image whose files have no GROUPID is told as unmatched, once', () => {
  const { visits, unmatched, problems, come } = setUp();
  come(0, SLOTS, null);
  expect([unmatched, visits.withoutGroup, problems]).toEqual([[OBSID], [OBSID], []]);
});

describe('POST /visits', () => {
  async function post(body: string, headers: Record<string, string> = { 'Content-Type': 'application/json' }) {
    const { visits } = setUp();
    const web = await startWeb({ host: '127.0.0.1', port: 0, archiver: () => served({ visits }) });
    const answer = await fetch(`http://127.0.0.1:${web.port}/visits`, { method: 'POST', body, headers });
    const result = [answer.status, await answer.json()];
    await web.close();
    return result;
  }
  const message = { ...VISIT, nimages: '2', salIndex: 2, filters: 'r_03', survey: 'x', private_sndStamp: 4e9 };

  it('takes a nextVisit message with whatever else is in it', async () => {
    expect(await post(JSON.stringify(message))).toEqual([200, { error: false, expected: 18 }]);
  });

  it('ignores one that is an hour old', async () => {
    const old = JSON.stringify({ ...message, private_sndStamp: 1e9 });
    expect(await post(old)).toEqual([200, { error: false, expected: 0 }]);
  });

  it.each([
    ['no JSON', 'x', undefined, 400],
    ['no group', JSON.stringify({ ...message, groupId: '' }), undefined, 400],
    ['too many snaps', JSON.stringify({ ...message, nimages: 1e6 }), undefined, 400],
    ['another instrument', JSON.stringify({ ...message, instrument: 'LATISS' }), undefined, 422],
    ['more than 64 KiB', JSON.stringify({ ...message, survey: 'x'.repeat(70_000) }), undefined, 413],
    ['a form', JSON.stringify(message), { 'Content-Type': 'text/plain' }, 415],
    ['a page', JSON.stringify(message), { 'Content-Type': 'application/json', Origin: 'http://evil.example' }, 403],
  ])('refuses %s', async (_, body, headers, status) => {
    expect(await post(body, headers)).toEqual([status, { error: true, message: expect.any(String) }]);
  });
});
