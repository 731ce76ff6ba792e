import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FIRST_IMAGE, SMALL_CAMERA, testImage } from '../daq/images.js';
import { cameraFile } from '../support/archive.js';
import { jsonLines, runCli, startCli } from '../support/cli.js';
import { freePort } from '../support/free-port.js';
import { serveDaq } from '../support/serve.js';
import { tempDir } from '../support/temp.js';

const status = (port: number, ...args: string[]) =>
  runCli(['status', ...args], { env: { CCARCHIVER_WEB__PORT: `${port}` } });

/** A run on a small ComCam whose DAQ has one image. */
async function running(env: Record<string, string> = {}) {
  const [port, root] = [await freePort(), tempDir()];
  const daq = await serveDaq([testImage(FIRST_IMAGE)]);
  const args = ['run', '--daq', daq, '--camera', cameraFile(SMALL_CAMERA), '--root', root];
  const child = startCli(args, { env: { CCARCHIVER_WEB__PORT: `${port}`, ...env } });
  onTestFinished(() => void child.kill('SIGKILL'));
  const is = async (state: string) => {
    await expect.poll(async () => (await health(port)).body.state, { timeout: 20_000 }).toBe(state);
  };
  return { port, root, args, is };
}

async function health(port: number) {
  const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined);
  return {
    status: answer?.status,
    body: ((await answer?.json()) ?? {}) as { state?: string; hold?: { code: string } },
  };
}

/** What a browser would ask that was lured here under another name; fetch sets its own Host. */
async function ask(
  port: number,
  options: { readonly host?: string; readonly method?: string; readonly path?: string },
) {
  const { host = `127.0.0.1:${port}`, method = 'GET', path = '/status' } = options;
  const sent = request({ host: '127.0.0.1', port, path, method, headers: { host } });
  sent.end();
  const [answer] = (await once(sent, 'response')) as [import('node:http').IncomingMessage];
  answer.resume();
  return answer.statusCode;
}

describe('ccarchiver status', () => {
  it('tells what the archiver is doing', async () => {
    const { port, root, is } = await running();
    await is('archiving');
    await expect
      .poll(async () => jsonLines((await status(port, '--json')).stdout)[0], { timeout: 30_000 })
      .toMatchObject({
        summary: true,
        state: 'archiving',
        hold: null,
        daq: 'connected',
        images: { underWay: [], waiting: 0, latest: [{ obsid: FIRST_IMAGE, state: 'complete', files: 18 }] },
        disk: { path: root, reserveBytes: 500e6 },
        queue: { failed: 0 },
        problems: [],
      });
    const shown = await status(port);
    expect([shown.exit, shown.stderr]).toEqual([0, '']);
    expect(shown.stdout).toMatch(new RegExp(`^state {6}archiving\n(.*\n)*.*${FIRST_IMAGE} {2}complete`, 'm'));
    expect(await health(port)).toEqual({ status: 200, body: { state: 'archiving', hold: null } });
  });

  it('says that the archiver holds, and why: with less room than its reserve no image is begun', async () => {
    const { port, root, is } = await running({ CCARCHIVER_DISK__RESERVE_MEGABYTES: '1e9' });
    await is('holding');
    expect(await health(port)).toMatchObject({ status: 503, body: { hold: { code: 'DISK_FULL' } } });
    const { exit, stdout } = await status(port, '--json');
    expect(exit).toBe(4);
    expect(jsonLines(stdout)).toMatchObject([
      {
        state: 'holding',
        hold: { code: 'DISK_FULL' },
        images: { waiting: 1, latest: [] },
        problems: [{ code: 'DISK_FULL' }],
      },
    ]);
    expect(existsSync(join(root, 'archive'))).toBe(false);
  });

  it('is ARCHIVER_UNREACHABLE where no archiver runs', async () => {
    const { exit, stderr } = await status(await freePort());
    expect([exit, stderr]).toEqual([
      5,
      expect.stringMatching(/^ccarchiver: ARCHIVER_UNREACHABLE: .* \(ECONNREFUSED\); .*\n$/),
    ]);
  });
});

describe('the web server of a run', () => {
  it('answers this machine only, and changes nothing', async () => {
    const { port, is } = await running();
    await is('archiving');
    expect(await ask(port, { host: 'evil.example' })).toBe(403);
    expect(await ask(port, { host: `evil.example:${port}` })).toBe(403);
    expect(await ask(port, { host: `localhost:${port}` })).toBe(200);
    expect(await ask(port, { path: '/nothing' })).toBe(404);
    expect(await ask(port, { method: 'POST' })).toBe(404);
  });

  it('has its address to itself: another run is refused before it makes anything', async () => {
    const { port, args, is } = await running();
    await is('archiving');
    const other = join(tempDir(), 'root');
    const { exit, stderr } = await runCli([...args.slice(0, -1), other], { env: { CCARCHIVER_WEB__PORT: `${port}` } });
    expect([exit, stderr]).toEqual([2, expect.stringMatching(/^ccarchiver: PORT_IN_USE: .*\n$/)]);
    expect(existsSync(other)).toBe(false);
  });
});
