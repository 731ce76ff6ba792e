import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { taiFromIso, utcIsoFromTai } from '../../src/model/time.js';
import { Presence, type PresenceKey } from '../../src/pipeline/presence.js';
import { startWeb } from '../../src/web/server.js';
import { FIRST_IMAGE, SMALL_CAMERA, testImage } from '../daq/images.js';
import { forwarded } from '../handoff/forwarded.js';
import { cameraFile } from '../support/archive.js';
import { startCli } from '../support/cli.js';
import { freePort } from '../support/free-port.js';
import { serveDaq } from '../support/serve.js';
import { tempDir } from '../support/temp.js';
import { served } from './served.js';

const NOW = '2026-11-27T10:00:00.000';
const GROUP = '2026-11-27T09:59:20.123';
const KEY: PresenceKey = { instrument: 'LSSTComCam', group: GROUP, snap: 0, slot: 'R22_S11' };
const URI = 'file:///data/bucket/LSSTComCam/20261127/CC_O_20261127_000001/CC_O_20261127_000001_R22_S11.fits';

function presenceAt(time = NOW) {
  const nowUtcMs = Date.parse(`${utcIsoFromTai(taiFromIso(time) ?? 0n).replace('Z', '')}Z`);
  return new Presence('LSSTComCam', { nowUtcMs: () => nowUtcMs, monotonicMs: () => 0 });
}

describe('the presence of a detector', () => {
  it('is known once it was forwarded, under its instrument, group, snap and slot alone', () => {
    const presence = presenceAt();
    expect(presence.find(KEY)).toBeUndefined();
    presence.hear(forwarded({ uri: URI, groupId: GROUP }));
    expect(presence.find(KEY)).toBe(URI);
    for (const other of [{ instrument: 'LATISS' }, { group: 'x' }, { snap: 1 }, { slot: 'R22_S12' }]) {
      expect(presence.find({ ...KEY, ...other })).toBeUndefined();
    }
  });

  it('is not told of a file without a group, which belongs to no visit', () => {
    const presence = presenceAt();
    presence.hear(forwarded({ groupId: null }));
    expect(presence.find({ ...KEY, group: 'null' })).toBeUndefined();
  });

  it('is forgotten after a day', () => {
    const presence = presenceAt('2026-11-28T10:00:01.000');
    presence.hear(forwarded({ uri: URI, groupId: GROUP }));
    expect(presence.find(KEY)).toBeUndefined();
  });
});

describe('GET /presence/:instrument/:group/:snap/:slot', () => {
  async function serving(presence: Presence | undefined) {
    const web = await startWeb({ host: '127.0.0.1', port: 0, archiver: () => presence && served({ presence }) });
    onTestFinished(() => web.close());
    return async (path: string) => {
      const answer = await fetch(`http://127.0.0.1:${web.port}/presence/${path}`);
      return [answer.status, await answer.json()];
    };
  }

  it('answers present with the URI, or not present', async () => {
    const presence = presenceAt();
    presence.hear(forwarded({ uri: URI, groupId: GROUP }));
    const ask = await serving(presence);
    const path = `LSSTComCam/${encodeURIComponent(GROUP)}/0/R22_S11`;
    expect(await ask(path)).toEqual([200, { error: false, present: true, uri: URI }]);
    expect(await ask(path.replace('S11', 'S12'))).toEqual([200, { error: false, present: false }]);
    expect(await ask(path.replace('ComCam', 'Cam'))).toEqual([200, { error: false, present: false }]);
  });

  it.each([
    ['LSST%20ComCam/g/0/R22_S11', /instrument/],
    [`LSSTComCam/${'g'.repeat(129)}/0/R22_S11`, /group/],
    ['LSSTComCam/a%0Ab/0/R22_S11', /group/],
    ['LSSTComCam/g/-1/R22_S11', /snap/],
    ['LSSTComCam/g/1e3/R22_S11', /snap/],
    ['LSSTComCam/g/0/S11', /detector/],
    ['LSSTComCam/g/0/R22_S11;x', /detector/],
  ])('refuses %s with 400 and a reason', async (path, message) => {
    const [status, body] = await (await serving(presenceAt()))(path);
    expect([status, body]).toEqual([400, { error: true, message: expect.stringMatching(message) }]);
  });

  it('says that the archiver is starting, and knows no other path', async () => {
    const ask = await serving(undefined);
    expect(await ask('LSSTComCam/g/0/R22_S11')).toEqual([503, expect.objectContaining({ error: true })]);
    expect((await ask('LSSTComCam/g/0'))[0]).toBe(404);
  });
});

it('A run tells of what it has forwarded, and of what the run before it has', async () => {
  const [port, root] = [await freePort(), tempDir()];
  const daq = await serveDaq([testImage(FIRST_IMAGE)]);
  const args = ['run', '--daq', daq, '--camera', cameraFile(SMALL_CAMERA), '--root', root];
  const base = join(root, 'bucket/LSSTComCam/20261121', FIRST_IMAGE, `${FIRST_IMAGE}_R22_S11`);
  const presence = async () => {
    if (!existsSync(`${base}.json`)) return undefined;
    const { GROUPID } = JSON.parse(readFileSync(`${base}.json`, 'utf8'));
    const url = `http://127.0.0.1:${port}/presence/LSSTComCam/${encodeURIComponent(GROUPID)}/0/R22_S11`;
    return (await fetch(url).catch(() => undefined))?.json();
  };
  for (let run = 0; run < 2; run++) {
    const child = startCli(args, { env: { CCARCHIVER_WEB__PORT: `${port}` } });
    onTestFinished(() => void child.kill('SIGKILL'));
    const uri = pathToFileURL(`${base}.fits`).href;
    await expect.poll(presence, { timeout: 30_000 }).toEqual({ error: false, present: true, uri });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  }
}, 90_000);
