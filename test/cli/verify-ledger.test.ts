import { createHash } from 'node:crypto';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { register } from '../../src/cli/verify.js';
import { lockRoot } from '../../src/stage/root-lock.js';
import { FIRST_IMAGE, SECOND_IMAGE, SMALL_CAMERA, testImage, writeStore } from '../daq/images.js';
import { archive, cameraFile, captureOf, filesBelow } from '../support/archive.js';
import { jsonLines } from '../support/cli.js';
import { runVerb } from '../support/run-verb.js';
import { tempDir } from '../support/temp.js';

const NAME = `LSSTComCam/20261121/${FIRST_IMAGE}/${FIRST_IMAGE}_R22_S00`;
let root: string;

/** One image archived and delivered; the targets hold copies, or names of the same bytes. */
async function archived(mode: 'link' | 'copy'): Promise<string> {
  const store = tempDir();
  await writeStore(store, [testImage(FIRST_IMAGE)]);
  const settings = { oods: { mode }, dbb: { mode } };
  return (await archive({ daq: captureOf(store, SMALL_CAMERA), camera: SMALL_CAMERA, settings })).root;
}

const verify = (...args: string[]) => runVerb(register, ['verify', '--ledger', root, ...args]);
const summary = (stdout: string) => jsonLines(stdout).at(-1);

/** Flips a bit through a second name, as a failing disk does: no program's handle sees a write. */
function flip(name: string): Buffer {
  const second = join(tempDir(), 'second-name');
  linkSync(join(root, name), second);
  chmodSync(second, 0o644); // what stands in an archive is read-only
  const bytes = readFileSync(second);
  const at = Math.floor(bytes.length / 2);
  writeSync(openSync(second, 'r+'), Buffer.of((bytes[at] ?? 0) ^ 1), 0, 1, at);
  return bytes;
}

function truncate(name: string): void {
  chmodSync(join(root, name), 0o644);
  truncateSync(join(root, name), 5000);
}

function writeOver(path: string, text: string): void {
  chmodSync(path, 0o644);
  writeFileSync(path, text);
}

/** A consumer's word, as docs/receipts.md asks for it. */
function receipt(site: string, path: string, bytes: Buffer): void {
  const place = join(root, 'receipts', `${NAME}.${site}.json`);
  mkdirSync(dirname(place), { recursive: true });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const uri = pathToFileURL(path).href;
  writeFileSync(place, JSON.stringify({ receiptVersion: 1, file: `${NAME}.fits`, sha256, site, uri }));
}

function cameraConfig(): string {
  const path = join(tempDir(), 'config.yaml');
  writeFileSync(path, `camera: ${cameraFile(SMALL_CAMERA)}\nbandRows: 16\n`);
  return path;
}

describe('ccarchiver verify --ledger, where targets hold copies,', () => {
  beforeEach(async () => {
    root = await archived('copy');
  });

  it('finds all sound, and counts names and copies apart', async () => {
    const { exit, stdout } = await verify('--json');
    expect(exit).toBe(0);
    expect(summary(stdout)).toEqual({
      summary: true,
      files: 18,
      names: 9 * 3 + 9 * 2,
      copies: 9 * 3 + 9, // the bucket's are names of the spool's
      consumed: 0,
      damaged: 0,
      repaired: 0,
      lost: 0,
    });
  });

  it.each([
    ['a flipped bit', (path: string) => void flip(path)],
    ['a truncated file', (path: string) => truncate(path)],
    ['a file that is gone', (path: string) => rmSync(join(root, path))],
  ])('finds %s in the archive, restores it with the same bytes, and then finds all sound', async (_, damage) => {
    const path = `archive/${NAME}.fits`;
    const before = readFileSync(join(root, path));
    damage(path);
    const found = await verify();
    expect([found.exit, found.stdout.match(/^BAD /gm)?.length]).toEqual([6, 1]);
    const repaired = await verify('--repair', '--json');
    expect([repaired.exit, summary(repaired.stdout)]).toEqual([
      0,
      expect.objectContaining({ damaged: 1, repaired: 1 }),
    ]);
    expect(readFileSync(join(root, path))).toEqual(before);
    expect((await verify()).exit).toBe(0);
  });

  it.each([
    ['is gone', (path: string) => rmSync(path)],
    ['says something else', (path: string) => writeOver(path, readFileSync(path, 'utf8').replace('"raw"', '"war"'))],
    ['is cut', (path: string) => writeOver(path, readFileSync(path, 'utf8').slice(0, 1000))],
  ])('finds a sidecar that %s, and restores it from the copy of a target', async (_, damage) => {
    const path = join(root, `archive/${NAME}.json`);
    const before = readFileSync(path, 'utf8');
    damage(path);
    const { exit, stdout } = await verify('--repair', '--json');
    expect([exit, summary(stdout)]).toEqual([0, expect.objectContaining({ damaged: 1, repaired: 1, lost: 0 })]);
    expect(readFileSync(path, 'utf8')).toBe(before);
    expect((await verify()).exit).toBe(0);
  });

  it('does not call a file repaired whose copy at a target is damaged as well', async () => {
    flip(`archive/${NAME}.fits`);
    flip(`dbb/${NAME}.fits`);
    const { exit, stdout } = await verify('--repair', '--json');
    expect([exit, summary(stdout)]).toEqual([6, expect.objectContaining({ damaged: 1, repaired: 0, lost: 0 })]);
    expect(jsonLines(stdout)).toContainEqual(
      expect.objectContaining({ ok: false, isSoundNow: false, repaired: expect.anything() }),
    );
  });

  it('tells a damaged copy of a target, and takes one that its consumer removed for consumed', async () => {
    flip(`dbb/${NAME}.fits`);
    rmSync(join(root, `oods/${NAME}.fits`));
    const { exit, stdout } = await verify('--json');
    expect(exit).toBe(6);
    expect(summary(stdout)).toMatchObject({ damaged: 1, consumed: 1, lost: 0 });
  });

  it('is refused while an archiver has the root', async () => {
    const lock = await lockRoot(root);
    expect((await verify()).stderr).toContain('ROOT_LOCKED');
    lock.release();
  });
});

describe('ccarchiver verify --ledger, where targets are names of the archive’s bytes,', () => {
  it('says that a damaged file is lost, since no copy can repair it, and changes nothing', async () => {
    root = await archived('link');
    flip(`archive/${NAME}.fits`);
    const { exit, stdout } = await verify('--repair', '--json');
    expect(exit).toBe(6);
    expect(summary(stdout)).toMatchObject({ damaged: 1, repaired: 0, lost: 1 });
  });

  it('restores it from a copy that a receipt names, and not from one that only says so', async () => {
    root = await archived('link');
    const before = flip(`archive/${NAME}.fits`);
    const site = tempDir();
    writeFileSync(join(site, 'liar.fits'), before.subarray(1));
    receipt('usdf', join(site, 'liar.fits'), before);
    expect(summary((await verify('--repair', '--json')).stdout)).toMatchObject({ repaired: 0, lost: 1 });
    writeFileSync(join(site, 'held.fits'), before);
    receipt('france', join(site, 'held.fits'), before);
    const { exit, stdout } = await verify('--repair', '--json');
    expect([exit, summary(stdout)]).toEqual([0, expect.objectContaining({ damaged: 1, repaired: 1, lost: 0 })]);
    for (const folder of ['archive', 'oods', 'dbb']) {
      expect(readFileSync(join(root, `${folder}/${NAME}.fits`)).equals(before)).toBe(true);
    }
  });

  it.each([
    ['file', `archive/${NAME}.fits`],
    ['sidecar', `archive/${NAME}.json`],
  ])('makes a %s again that has no copy, byte for byte, from the captured image', async (_, path) => {
    const store = tempDir();
    await writeStore(store, [testImage(FIRST_IMAGE)]);
    root = await archived('link');
    const before = flip(path);
    const args = ['--repair', '--captures', store, '--config', cameraConfig()];
    const { exit, stdout, stderr } = await verify(...args, '--json');
    expect([exit, stderr, summary(stdout)]).toEqual([
      0,
      '',
      expect.objectContaining({ damaged: 1, repaired: 1, lost: 0 }),
    ]);
    expect(readFileSync(join(root, path)).equals(before)).toBe(true);
    expect((await verify()).exit).toBe(0);
    expect(filesBelow(join(root, 'quarantine')).length).toBeGreaterThan(0);
  });

  it('says so when the image is gone from the source as well', async () => {
    const store = tempDir();
    await writeStore(store, [testImage(SECOND_IMAGE)]);
    root = await archived('link');
    flip(`archive/${NAME}.fits`);
    const { exit, stdout, stderr } = await verify('--repair', '--captures', store, '--config', cameraConfig());
    expect([exit, stderr]).toEqual([6, expect.stringContaining('DAQ_NO_IMAGE')]);
    expect(stdout).toContain('LOST');
  });

  it('needs a ledger', async () => {
    root = tempDir();
    expect((await verify()).stderr).toContain('FILE_MISSING');
  });
});

it('verify takes paths or a ledger', async () => {
  for (const args of [[], ['--repair', 'x'], ['--ledger', 'a', 'b']]) {
    expect((await runVerb(register, ['verify', ...args])).stderr).toContain('USAGE');
  }
});
