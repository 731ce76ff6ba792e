import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smallGeometry } from '../../src/camera/geometry.js';
import { loadCamera } from '../../src/camera/load.js';
import { register } from '../../src/cli/verify.js';
import { writeCcdFile } from '../support/ccd-files.js';
import { jsonLines } from '../support/cli.js';
import { image, primary, riceImage } from '../support/fits-bytes.js';
import { describeReal, realData } from '../support/real-data.js';
import { runVerb } from '../support/run-verb.js';
import { keptTempDir, tempDir } from '../support/temp.js';

const camera = smallGeometry(loadCamera('comcam'), { columns: 72, rows: 32 });
const kept = keptTempDir();
const pixels = { columns: 3, rows: 2, pixels: [1, 2, 3, 4, 5, 6] };
let good = '';

beforeAll(async () => {
  mkdirSync(join(kept.path, 'archive', 'night'), { recursive: true });
  const folder = join(kept.path, 'archive', 'night');
  good = await writeCcdFile({ camera, folder, raft: 'R22', sensor: 'S00', pixel: (segment) => 25000 + segment });
  await writeCcdFile({ camera, folder, raft: 'R22', sensor: 'S02', pixel: (segment) => 26000 + segment });
});
afterAll(kept.remove);

const verify = (...args: string[]) => runVerb(register, ['verify', ...args]);
/** More than a call takes as arguments of its own. */
const MANY = 130_000;

function damaged(): string {
  const path = join(tempDir(), 'damaged.fits');
  const bytes = readFileSync(good);
  bytes.writeUInt8(bytes.readUInt8(20000) ^ 1, 20000);
  writeFileSync(path, bytes);
  return path;
}

describe('ccarchiver verify', () => {
  it('proves more files than an argument list holds: the archive of a year', async () => {
    const path = join(tempDir(), 'empty.fits');
    writeFileSync(path, '');
    const { exit, stdout } = await runVerb(register, ['verify', '--json', ...new Array<string>(MANY).fill(path)]);
    expect(exit).toBe(6);
    expect(jsonLines(stdout).at(-1)).toMatchObject({ files: MANY, failed: MANY });
  });

  it('says of each file below a folder what was proved, in one line, and ends with 0', async () => {
    const { exit, stdout } = await verify(join(kept.path, 'archive'));
    expect(exit).toBe(0);
    expect(stdout.trimEnd().split('\n')).toEqual([
      `ok   ${good}: 19 HDUs, sums of 19 right, 16 compressed images decoded (0.0 megapixels), 16 equal to their sums, sidecar agrees`,
      expect.stringContaining('R22_S02.fits: 19 HDUs'),
    ]);
  });

  it('ends with 6 for a damaged file and goes on with the others', async () => {
    const { exit, stdout } = await verify(damaged(), good);
    expect(exit).toBe(6);
    expect(stdout).toMatch(/^BAD .*damaged\.fits: FITS_CHECKSUM: .* \(and \d+ more\)\nok {3}/);
  });

  it('--json gives a record per file and a summary', async () => {
    const { exit, stdout } = await verify('--json', good, damaged());
    const [first, second, summary] = jsonLines(stdout);
    expect(exit).toBe(6);
    expect(first).toMatchObject({ path: good, ok: true, hdus: 19, sidecar: 'agrees', problems: [] });
    expect(second).toMatchObject({
      ok: false,
      problems: expect.arrayContaining([expect.objectContaining({ code: 'FITS_CHECKSUM' })]),
    });
    expect(summary).toMatchObject({ summary: true, files: 2, failed: 1 });
  });

  it('--sidecar fails a file that stands alone', async () => {
    const alone = join(tempDir(), 'alone.fits');
    writeFileSync(alone, readFileSync(good));
    expect(await verify(alone)).toMatchObject({ exit: 0 });
    expect(await verify('--sidecar', alone)).toMatchObject({
      exit: 3,
      stdout: expect.stringContaining('FILE_MISSING'),
    });
  });

  it('has nothing against files of others, and says that they have no checksum', async () => {
    const path = join(tempDir(), 'foreign.fits');
    writeFileSync(path, Buffer.concat([primary(), image(pixels), riceImage(pixels)]));
    const { exit, stdout } = await verify(path);
    expect(exit).toBe(0);
    expect(stdout).toContain(
      '3 HDUs, no checksum, 1 compressed images decoded (0.0 megapixels), without sums of their own',
    );
  });

  it.each([
    ['text', 'This is bad data', 6, 'FITS_INVALID'],
    ['an empty file', '', 6, 'FITS_INVALID'],
  ])('%s ends with its code', async (_name, text, exit, code) => {
    const path = join(tempDir(), 'x.fits');
    writeFileSync(path, text);
    expect(await verify(path)).toMatchObject({ exit, stdout: expect.stringContaining(code) });
  });

  it('a path that is not there, and a folder without FITS files, are one line and exit code 3', async () => {
    for (const path of [join(tempDir(), 'none.fits'), tempDir()]) {
      const { exit, stderr } = await verify(path);
      expect(exit).toBe(3);
      expect(stderr).toMatch(/^ccarchiver: FILE_MISSING: [^\n]*\n$/);
    }
  });
});

describeReal(
  'ccarchiver verify on a real file whose pixels were blanked',
  ['fits/CC_S_20240404_000780_R22_S01.fits.gz'],
  () => {
    it('fails by design: FITS_CHECKSUM, exit code 6', async () => {
      const { exit, stdout } = await verify(realData('fits/CC_S_20240404_000780_R22_S01.fits.gz'));
      expect(exit).toBe(6);
      expect(stdout).toContain('FITS_CHECKSUM');
    });
  },
);
