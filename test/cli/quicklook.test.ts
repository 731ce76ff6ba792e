import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smallGeometry } from '../../src/camera/geometry.js';
import { loadCamera } from '../../src/camera/load.js';
import { register } from '../../src/cli/quicklook.js';
import { cameraFile } from '../support/archive.js';
import { writeCcdFile } from '../support/ccd-files.js';
import { jsonLines } from '../support/cli.js';
import { primary } from '../support/fits-bytes.js';
import { describeReal, realData } from '../support/real-data.js';
import { runVerb } from '../support/run-verb.js';
import { keptTempDir, tempDir } from '../support/temp.js';

const camera = smallGeometry(loadCamera('comcam'), { columns: 72, rows: 32 });
const kept = keptTempDir();

beforeAll(async () => {
  for (const [obsid, sensors] of [
    ['CC_O_20241108_000266', ['S00', 'S11']],
    ['CC_O_20241108_000267', ['S22']],
  ] as const) {
    for (const sensor of sensors) {
      const pixel = (_segment: number, column: number, row: number) => 25000 + ((column * 7 + row * 13) % 50);
      mkdirSync(join(kept.path, obsid), { recursive: true });
      await writeCcdFile({ camera, folder: join(kept.path, obsid), raft: 'R22', sensor, obsid, pixel });
    }
  }
});
afterAll(kept.remove);

function quicklook(paths: string[], ...flags: string[]) {
  const out = join(tempDir(), 'picture.png');
  const args = ['quicklook', ...paths, '--out', out, '--camera', cameraFile(camera), ...flags];
  return runVerb(register, args).then((result) => ({ ...result, out }));
}

describe('ccarchiver quicklook', () => {
  const image = 'CC_O_20241108_000266';

  it('draws the raft of one image out of a folder with several', async () => {
    const { exit, stdout, out } = await quicklook([kept.path], '--obsid', image, '--bin', '8');
    expect(exit).toBe(0);
    expect(stdout).toMatch(
      /picture\.png: CC_O_20241108_000266 R22, 2 CCDs, \d+ x \d+ pixels, bin 8, .* dark: S01 S02 S10 S12/,
    );
    const { width, height, format } = await sharp(out).metadata();
    const raft = [2 * 4225 + 8 * 53, 2 * 4225 + 2 * 28].map((side) => Math.ceil(side / 8));
    expect(format).toBe('png');
    expect(Math.abs((width ?? 0) - (raft[0] ?? 0))).toBeLessThanOrEqual(1);
    expect(Math.abs((height ?? 0) - (raft[1] ?? 0))).toBeLessThanOrEqual(1);
    expect(readdirSync(join(out, '..'))).toEqual(['picture.png']);
  });

  it('draws one file as a CCD', async () => {
    const { out, stdout } = await quicklook([join(kept.path, image, `${image}_R22_S11.fits`)], '--bin', '2', '--json');
    expect(jsonLines(stdout)).toEqual([
      expect.objectContaining({
        summary: true,
        obsid: image,
        width: 212,
        height: 28,
        bin: 2,
        drawn: ['S11'],
        missing: [],
      }),
    ]);
    expect(await sharp(out).metadata()).toMatchObject({ width: 212, height: 28 });
  });

  it('asks which image when there are several', async () => {
    const { exit, stderr, out } = await quicklook([kept.path]);
    expect(exit).toBe(2);
    expect(stderr).toContain('several images (CC_O_20241108_000266, CC_O_20241108_000267); give --obsid');
    expect(existsSync(out)).toBe(false);
    expect(await quicklook([kept.path], '--obsid', 'CC_O_20241108_000268')).toMatchObject({ exit: 2 });
  });

  it('draws the others when one file is damaged, and ends with its code', async () => {
    const bad = join(tempDir(), `${image}_R22_S12.fits`);
    const bytes = readFileSync(join(kept.path, image, `${image}_R22_S11.fits`));
    const at = bytes.indexOf("CCDSLOT = 'S11");
    bytes.write("CCDSLOT = 'S12", at, 'latin1');
    bytes.writeUInt32BE(0x7fffffff, Math.ceil(bytes.indexOf('END     ', bytes.indexOf('Segment10')) / 2880) * 2880);
    writeFileSync(bad, bytes);
    const { exit, stdout, stderr, out } = await quicklook([join(kept.path, image), bad]);
    expect(exit).toBe(6);
    expect(stderr).toMatch(/^ccarchiver: FITS_INVALID: .*S12\.fits is not drawn: /);
    expect(stdout).toContain('2 CCDs');
    expect(existsSync(out)).toBe(true);
  });

  it('leaves no file when nothing could be drawn', async () => {
    const path = join(tempDir(), 'x_R22_S00.fits');
    writeFileSync(path, primary());
    const { exit, stderr, out } = await quicklook([path]);
    expect(exit).toBe(3);
    expect(stderr).toContain('GEOMETRY_MISMATCH');
    expect(existsSync(out)).toBe(false);
  });

  it('says where it cannot write', async () => {
    const path = join(kept.path, image, `${image}_R22_S11.fits`);
    const args = ['quicklook', path, '--camera', cameraFile(camera), '--out', join(tempDir(), 'none', 'x.png')];
    expect(await runVerb(register, args)).toMatchObject({
      exit: 4,
      stderr: expect.stringContaining('FOLDER_UNWRITABLE'),
    });
  });
});

describeReal('ccarchiver quicklook of a real spot image', ['assembly/itl_spot.fits.gz'], () => {
  it('needs no flag but --out', async () => {
    const out = join(tempDir(), 'spots.png');
    const result = await runVerb(register, ['quicklook', realData('assembly/itl_spot.fits.gz'), '--out', out]);
    expect(result).toMatchObject({ exit: 0, stdout: expect.stringContaining('R02, 1 CCD, 1358 x 1334 pixels') });
  });
});
