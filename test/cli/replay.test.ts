import { type ChildProcess, spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readFits } from '../../src/fits/reader.js';
import { verifyFits } from '../../src/fits/verify.js';
import { distFile } from '../../src/model/package.js';
import { loadNative } from '../../src/native/binding.js';
import { FIRST_IMAGE, SECOND_IMAGE, SMALL_CAMERA, testImage } from '../daq/images.js';
import { cameraFile, filesBelow } from '../support/archive.js';
import { jsonLines, runCli } from '../support/cli.js';
import { serveDaq, storeOf } from '../support/serve.js';
import { tempDir } from '../support/temp.js';

const IMAGES = [testImage(FIRST_IMAGE), testImage(SECOND_IMAGE)];
const RAW = 36;

function replayArgs(store: string, root: string, threads: number): string[] {
  const camera = cameraFile(SMALL_CAMERA);
  const config = join(tempDir(), 'config.yaml');
  writeFileSync(config, 'imagesInFlight: 1\n'); // the second image is written after the first
  return [
    'replay',
    store,
    ...['--camera', camera, '--out', root, '--threads', String(threads), '--config', config, '--json'],
  ];
}

/** Starts the program as the leader of a process group, so that all of its processes can be killed at one moment, as a power cut does. */
function startGroup(args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [distFile('src/cli/main.js'), ...args], { detached: true, stdio: 'ignore' });
  onTestFinished(() => killGroup(child));
  return child;
}

function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL');
}

/** Kills everything once `enough` says so. @returns false when the program had ended before */
async function killWhen(child: ChildProcess, enough: () => boolean): Promise<boolean> {
  const ended = new Promise((resolve) => child.on('exit', resolve));
  while (!enough() && child.exitCode === null) await new Promise((resolve) => setImmediate(resolve));
  const alive = child.exitCode === null;
  killGroup(child);
  await ended;
  return alive;
}

/** Names of an image's folder, cheap enough to catch a moment between two links. */
function namesOf(root: string, obsid: string): string[] {
  try {
    return readdirSync(join(root, 'archive', 'LSSTComCam', '20261121', obsid));
  } catch {
    return [];
  }
}

/** The state that a kill between the two links leaves, which is too short to be hit at will: the last sidecar without its FITS file. */
function leaveSidecar(from: string, root: string): void {
  const name = join('archive', 'LSSTComCam', '20261121', SECOND_IMAGE, `${SECOND_IMAGE}_R22_S22.json`);
  expect(existsSync(join(root, name.replace(/json$/, 'fits')))).toBe(false);
  mkdirSync(dirname(join(root, name)), { recursive: true });
  rmSync(join(root, name), { force: true });
  copyFileSync(join(from, name), join(root, name));
}

/** Whatever is visible under a final name is whole. */
function expectWhole(root: string): void {
  for (const name of filesBelow(join(root, 'archive'))) {
    const path = join(root, 'archive', name);
    if (name.endsWith('.json')) JSON.parse(readFileSync(path, 'utf8'));
    else expect(verifyFits(path, loadNative()).problems.map(String)).toEqual([]);
  }
}

describe('replay', () => {
  it('archives the images of a capture, raw, and says so', async () => {
    const [store, root] = [await storeOf(IMAGES), tempDir()];
    const { exit, stdout, stderr } = await runCli(replayArgs(store, root, 2), { timeout: 40_000 });
    expect(stderr).toBe('');
    expect(exit).toBe(0);
    expect(jsonLines(stdout).at(-1)).toMatchObject({
      images: 2,
      complete: 2,
      files: { raw: 18, corrected: 0 },
      targets: {},
    });
    expect(filesBelow(join(root, 'archive'))).toHaveLength(RAW);
    expect(filesBelow(join(root, 'corrected'))).toEqual([]);
  });

  it('killed at several moments, also between a sidecar and its FITS file, ends with the bytes of an undisturbed run', async () => {
    const [store, calm, root] = [await storeOf(IMAGES), tempDir(), tempDir()];
    expect((await runCli(replayArgs(store, calm, 2), { timeout: 40_000 })).exit).toBe(0);
    const moments = [
      () => namesOf(root, FIRST_IMAGE).length >= 1,
      () => namesOf(root, FIRST_IMAGE).length >= 9,
      () => namesOf(root, SECOND_IMAGE).length >= 5,
    ];
    let killed = 0;
    for (const [index, moment] of moments.entries()) {
      if (await killWhen(startGroup(replayArgs(store, root, 1 + index)), moment)) killed++;
      expectWhole(root);
      if (index === 0) leaveSidecar(calm, root);
    }
    expect(killed).toBeGreaterThanOrEqual(2);
    const { exit, stdout } = await runCli(replayArgs(store, root, 4), { timeout: 40_000 });
    expect(exit).toBe(0);
    expect(jsonLines(stdout).at(-1)).toMatchObject({ images: 2, complete: 2, files: { raw: 18 } });
    const names = filesBelow(join(calm, 'archive'));
    expect(names).toHaveLength(RAW);
    expect(filesBelow(join(root, 'archive'))).toEqual(names);
    const bytes = (folder: string, name: string) => readFileSync(join(folder, 'archive', name));
    expect(names.filter((name) => !bytes(root, name).equals(bytes(calm, name)))).toEqual([]);
    expect(filesBelow(join(root, 'quarantine'))).toEqual([]);
  });
});

describe('run, killed with all of its processes', () => {
  it('goes on where it was: every file and every name once, all with the time of the first beginning', async () => {
    const root = tempDir();
    const daq = await serveDaq(IMAGES);
    const args = ['run', '--daq', daq, '--camera', cameraFile(SMALL_CAMERA), '--root', root, '--count', '2', '--json'];
    let killed = 0;
    for (const folder of ['archive', 'oods']) {
      const before = filesBelow(join(root, folder)).length;
      if (await killWhen(startGroup(args), () => filesBelow(join(root, folder)).length > before)) killed++;
      expectWhole(root);
    }
    expect(killed).toBe(2);
    const { exit, stdout, stderr } = await runCli(args, { timeout: 40_000 });
    expect(stderr).toBe('');
    expect(exit).toBe(0);
    expect(jsonLines(stdout).at(-1)).toMatchObject({ complete: 2, targets: { oods: 18, dbb: 18, prompt: 18 } });
    expect(filesBelow(join(root, 'quarantine'))).toEqual([]);
    for (const folder of ['archive', 'oods', 'dbb', 'bucket']) expect(filesBelow(join(root, folder))).toHaveLength(RAW);
    for (const obsid of [FIRST_IMAGE, SECOND_IMAGE]) {
      const files = filesBelow(join(root, 'archive')).filter((name) => name.includes(obsid));
      expect(new Set(files.map((name) => statSync(join(root, 'archive', name)).nlink))).toEqual(new Set([3]));
      expect(new Set(files.filter((name) => name.endsWith('.fits')).map((name) => dateOf(root, name))).size).toBe(1);
    }
  });
});

function dateOf(root: string, name: string): unknown {
  const fits = readFits(join(root, 'archive', name));
  try {
    return fits.hdus[0]?.value('DATE');
  } finally {
    fits.close();
  }
}
