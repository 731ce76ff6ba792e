import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { packageRoot } from '../../src/model/package.js';
import { FIRST_IMAGE, SMALL_CAMERA, testImage } from '../daq/images.js';
import { cameraFile } from '../support/archive.js';
import { startCli } from '../support/cli.js';
import { freePort } from '../support/free-port.js';
import { describeUnless } from '../support/not-run.js';
import { storeOf } from '../support/serve.js';
import { tempDir } from '../support/temp.js';

const CCDS = 9;
/** Room for a consumer to start on a crowded machine. */
const EXPOSURE_SECONDS = 8;
const example = (name: string) => join(packageRoot(), 'examples', name);

/** An archiver, and a DAQ that takes its one image seconds after the archiver has come, so that consumers can be there before. */
async function archiverAndDaq() {
  const [port, root, store] = [await freePort(), tempDir(), await storeOf([testImage(FIRST_IMAGE)])];
  const camera = ['--camera', cameraFile(SMALL_CAMERA)];
  const exposure = ['--pace', 'max', '--exposure', `${EXPOSURE_SECONDS}`];
  const daq = keep(startCli(['daq', 'serve', '--store', store, '--port', '0', ...camera, ...exposure]));
  const [line] = await once(daq.stdout ?? daq, 'data');
  const { listening } = JSON.parse(String(line)) as { listening: string };
  keep(startCli(['run', '--daq', listening, '--root', root, ...camera], { env: { CCARCHIVER_WEB__PORT: `${port}` } }));
  const base = `http://127.0.0.1:${port}`;
  const isUp = async () => (await fetch(`${base}/healthz`).catch(() => undefined))?.status;
  await expect.poll(isUp, { timeout: 20_000 }).toBe(200);
  return { base, root };
}

function keep(child: ChildProcess): ChildProcess {
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** Starts a consumer; resolves with what it has printed when it ends. */
function consume(command: string, ...args: readonly string[]) {
  const child = keep(spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] }));
  let stdout = '';
  child.stdout?.on('data', (text) => (stdout += text));
  return once(child, 'exit').then(([code]) => ({ code, stdout }));
}

const sidecarOf = (path: string) => JSON.parse(readFileSync(path.replace(/\.fits$/, '.json'), 'utf8'));

describe('The example of a prompt consumer', () => {
  it('gathers the detectors of a snap by GROUPID and has their pixels, without having asked for any file', async () => {
    const { base, root } = await archiverAndDaq();
    const args = [base, `${CCDS}`, '30', '1', cameraFile(SMALL_CAMERA)];
    const consumed = consume(process.execPath, example('prompt-ingest.mjs'), ...args);
    const { code, stdout } = await consumed;
    expect(code).toBe(0);
    const { group, detectors } = JSON.parse(stdout) as {
      group: string;
      detectors: { slot: string; group: string; median: number }[];
    };
    expect(new Set(detectors.map(({ slot }) => slot)).size).toBe(CCDS);
    const file = join(root, 'bucket/LSSTComCam/20261121', FIRST_IMAGE, `${FIRST_IMAGE}_R22_S11.fits`);
    expect(new Set(detectors.map((detector) => detector.group))).toEqual(new Set([sidecarOf(file).GROUPID]));
    expect(group).toBe(`${sidecarOf(file).GROUPID} snap 0`);
    for (const { median } of detectors) expect(Number.isFinite(median)).toBe(true);
  }, 90_000);

  it('takes what has come when its time is over', async () => {
    const { base } = await archiverAndDaq();
    const args = [base, `${CCDS + 1}`, '3', '1', cameraFile(SMALL_CAMERA)];
    const consumed = consume(process.execPath, example('prompt-ingest.mjs'), ...args);
    expect(JSON.parse((await consumed).stdout).detectors).toHaveLength(CCDS);
  }, 90_000);
});

const PYTHON_MISSING = spawnSync('python3', ['--version']).status === 0 ? undefined : 'python3 not found';

describeUnless(PYTHON_MISSING, 'The same in Python, by plain HTTP and files,', () => {
  it('finds every detector of the snap, with its file and sidecar', async () => {
    const { base } = await archiverAndDaq();
    const consumed = consume('python3', example('prompt_ingest.py'), base);
    const { code, stdout } = await consumed;
    expect(code).toBe(0);
    const { group, detectors } = JSON.parse(stdout) as {
      group: string;
      detectors: Record<string, { path: string; serial: string }>;
    };
    expect(Object.keys(detectors)).toHaveLength(CCDS);
    for (const { path, serial } of Object.values(detectors)) {
      expect(sidecarOf(path)).toMatchObject({ GROUPID: group, LSST_NUM: serial });
    }
  }, 90_000);
});
