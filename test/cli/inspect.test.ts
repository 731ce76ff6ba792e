import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smallGeometry, sourceLayout, sourceLength } from '../../src/camera/geometry.js';
import { loadCamera } from '../../src/camera/load.js';
import { register } from '../../src/cli/inspect.js';
import { cameraFile } from '../support/archive.js';
import { writeCcdFile } from '../support/ccd-files.js';
import { jsonLines } from '../support/cli.js';
import { describeReal, realData } from '../support/real-data.js';
import { runVerb } from '../support/run-verb.js';
import { keptTempDir, tempDir } from '../support/temp.js';

const camera = smallGeometry(loadCamera('comcam'), { columns: 72, rows: 32 });
const kept = keptTempDir();
let fits = '';

beforeAll(async () => {
  // Overscan alternates by 2 around its level, the image is 100 above it.
  const pixel = (segment: number, column: number) =>
    25000 + segment * 10 + (column < 56 ? 100 : column % 2 === 0 ? 1 : -1);
  fits = await writeCcdFile({ camera, folder: kept.path, raft: 'R22', sensor: 'S12', pixel });
});
afterAll(kept.remove);

const inspect = (...args: string[]) => runVerb(register, ['inspect', ...args]);

describe('ccarchiver inspect of a FITS file', () => {
  it('lists HDUs, key cards and the statistics of each segment', async () => {
    const { exit, stdout } = await inspect(fits);
    expect(exit).toBe(0);
    expect(stdout).toContain('OBSID    CC_O_20241108_000266');
    expect(stdout).toContain('CCDSLOT  S12');
    expect(stdout).toMatch(/ {3}3 {2}compressed-image {2}Segment12 .* 72 x 32 +25020\.00 +1\.00 +25120\.0\n/);
    expect(stdout).toMatch(/ {2}17 {2}bintable {10}REB_COND/);
  });

  it('--json gives a record per HDU and a summary', async () => {
    const records = jsonLines((await inspect('--json', fits)).stdout);
    expect(records).toHaveLength(20);
    expect(records[16]).toMatchObject({
      hdu: 16,
      extname: 'Segment00',
      statistics: { columns: 72, rows: 32, overscan: { mean: 25150, rms: 1 }, imageMedian: 25250 },
    });
    expect(records[19]).toMatchObject({ summary: true, hdus: 19, keys: { RAFTBAY: 'R22', EXPTIME: 30 } });
  });

  it('--hdu shows the cards of one HDU as they stand', async () => {
    const { stdout } = await inspect(fits, '--hdu', '1');
    expect(stdout).toContain("EXTNAME = 'Segment10'\n");
    const records = jsonLines((await inspect(fits, '--hdu', '1', '--json')).stdout);
    expect(records).toContainEqual(expect.objectContaining({ keyword: 'CHANNEL', value: 1 }));
    expect(await inspect(fits, '--hdu', '19')).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('HDUs 0 to 18, not 19'),
    });
  });

  it('tells a damaged segment in its row and ends with 6', async () => {
    const path = join(tempDir(), 'bad.fits');
    const bytes = readFileSync(fits);
    const at = bytes.indexOf('Segment11');
    const end = bytes.indexOf('END     ', at);
    bytes.writeUInt32BE(0x7fffffff, Math.ceil(end / 2880) * 2880);
    writeFileSync(path, bytes);
    const { exit, stdout } = await inspect(path);
    expect(exit).toBe(6);
    expect(stdout).toMatch(/ {3}2 {2}compressed-image {2}Segment11 .* FITS_INVALID: .*outside the heap/);
    expect(stdout).toMatch(/ {3}3 {2}compressed-image {2}Segment12 .*25120\.0/);
  });
});

describe('ccarchiver inspect of other things', () => {
  it('shows a sidecar', async () => {
    const { stdout } = await inspect(fits.replace('.fits', '.json'));
    expect(stdout).toMatch(/^RAFTBAY +"R22"$/m);
    expect(stdout).toMatch(/^HIERARCH\.STUTTER\.ROWS +0$/m);
    const [record] = jsonLines((await inspect('--json', fits.replace('.fits', '.json'))).stdout);
    expect(record).toMatchObject({ values: { OBSID: 'CC_O_20241108_000266', SEQNUM: 266 } });
  });

  it('shows the images of a capture folder and what is wrong with one', async () => {
    const folder = tempDir();
    const bytes = sourceLength(sourceLayout(camera, '22/1'));
    writeFileSync(join(folder, 'CC_O_20241108_000266_R22_Reb1.raw'), Buffer.alloc(bytes));
    writeFileSync(join(folder, 'CC_O_20241108_000266_R22_Reb1.meta'), '[0, 3, 53]\n');
    writeFileSync(join(folder, 'CC_O_20241108_000267_R22_Reb0.raw'), Buffer.alloc(10));
    const { exit, stdout } = await inspect(folder, '--camera', cameraFile(camera));
    expect(stdout).toMatch(new RegExp(`^CC_O_20241108_000266: .*\\n  22/1  ${bytes} bytes, CRC-32 not recorded`));
    expect(stdout).toMatch(/CC_O_20241108_000267: CAPTURE_LENGTH: .* 10 bytes/);
    expect(exit).toBe(3);
  });

  it('refuses in one line what it does not know', async () => {
    const folder = tempDir();
    writeFileSync(join(folder, 'other.json'), '{"a": 1}');
    writeFileSync(join(folder, 'broken.json'), '{');
    mkdirSync(join(folder, 'empty'));
    expect(await inspect(join(folder, 'other.json'))).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('neither the sidecar'),
    });
    expect(await inspect(join(folder, 'broken.json'))).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('no JSON object'),
    });
    expect(await inspect(join(folder, 'empty'))).toMatchObject({
      exit: 3,
      stderr: expect.stringContaining('CAPTURE_INVALID'),
    });
    expect(await inspect(join(folder, 'none'))).toMatchObject({
      exit: 3,
      stderr: expect.stringContaining('FILE_MISSING'),
    });
    expect(await inspect(fits, '--hdu', 'x')).toMatchObject({ exit: 2, stderr: expect.stringContaining('USAGE') });
  });
});

describeReal('ccarchiver inspect of a real flat', ['fits/TS8_20180724_RTM-010_S11.fits.gz'], () => {
  it('finds the published overscan level and noise of its real segment', async () => {
    const { stdout } = await inspect('--json', realData('fits/TS8_20180724_RTM-010_S11.fits.gz'));
    const statistics = jsonLines(stdout)[16]?.statistics as {
      overscan: { mean: number; rms: number };
      imageMedian: number;
    };
    expect(statistics.overscan.mean).toBeCloseTo(27026.38, 1);
    expect(statistics.overscan.rms).toBeCloseTo(6.496, 2);
    expect(statistics.imageMedian).toBe(47803);
  });
});
