import { chmodSync, linkSync, openSync, readFileSync, rmSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { register } from '../../src/cli/verify.js';
import { lockRoot } from '../../src/stage/root-lock.js';
import { FIRST_IMAGE, SMALL_CAMERA, testImage, writeStore } from '../daq/images.js';
import { archive, captureOf } from '../support/archive.js';
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

  it('tells a sidecar that is gone, which no copy repairs, and calls nothing lost', async () => {
    rmSync(join(root, `archive/${NAME}.json`));
    const { exit, stdout } = await verify('--repair', '--json');
    expect([exit, summary(stdout)]).toEqual([6, expect.objectContaining({ damaged: 1, repaired: 0, lost: 0 })]);
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
