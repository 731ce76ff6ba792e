import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { smallGeometry } from '../../src/camera/geometry.js';
import { loadCamera } from '../../src/camera/load.js';
import { readPixels } from '../../src/fits/pixels.js';
import { readFits } from '../../src/fits/reader.js';
import { verifyFits } from '../../src/fits/verify.js';
import { loadNative } from '../../src/native/binding.js';
import { writeCcdFile } from '../support/ccd-files.js';
import { image, primary } from '../support/fits-bytes.js';
import { describeOracle, describePython, runOracle } from '../support/oracles.js';
import { tempDir } from '../support/temp.js';

const core = loadNative();
const camera = smallGeometry(loadCamera('comcam'), { columns: 72, rows: 32 });
const shape = { columns: 300, rows: 50 };
// Noise of many widths, flat rows and full scale: every level of the Rice code occurs.
const pixels = Int32Array.from({ length: 300 * 50 }, (_, n) => {
  const row = Math.floor(n / 300);
  const noise = Math.imul(n + 1, 2654435761) >>> Math.max(8, 32 - row);
  return row % 10 === 3 ? 26000 : row > 45 ? Math.imul(n, 2654435761) : 25000 + noise;
});

describeOracle('fpack', 'a file that fpack compressed', (fpack) => {
  it.each([
    ['row by row', []],
    ['in tiles of 7 rows', ['-tw']],
    ['as one tile', ['-w']],
  ])('%s is proved in CHECKSUM, DATASUM, ZHECKSUM and ZDATASUM, and gives its pixels back', (_name, flags) => {
    const path = join(tempDir(), 'plain.fits');
    writeFileSync(path, Buffer.concat([primary([], true), image({ ...shape, pixels, extname: 'Segment10' }, true)]));
    const options = flags[0] === '-tw' ? ['-t', '300,7'] : flags;
    expect(runOracle(fpack, ['-r', ...options, path])).toMatchObject({ status: 0 });
    const report = verifyFits(`${path}.fz`, core);
    expect(report).toMatchObject({ checksums: { verified: 2 }, images: { decoded: 1, verified: 1 }, problems: [] });
    const file = readFits(`${path}.fz`);
    const table = file.hdus[1];
    expect(table?.kind).toBe('compressed-image');
    expect(table && readPixels(table, core)).toEqual(pixels);
    file.close();
  });
});

describeOracle('funpack', 'an image that funpack restored', (funpack) => {
  it('has the sums that ZHECKSUM and ZDATASUM promised', async () => {
    const folder = tempDir();
    const pixel = (segment: number, column: number, row: number) => 25000 + segment * 50 + ((column * row) % 77);
    const path = await writeCcdFile({ camera, folder, raft: 'R22', sensor: 'S11', pixel });
    const out = join(folder, 'restored.fits');
    expect(runOracle(funpack, ['-O', out, path])).toMatchObject({ status: 0 });
    const compressed = readFits(path);
    const restored = readFits(out);
    for (let index = 1; index <= 16; index++) {
      expect(restored.hdus[index]?.value('CHECKSUM')).toBe(compressed.hdus[index]?.value('ZHECKSUM'));
      expect(restored.hdus[index]?.value('DATASUM')).toBe(compressed.hdus[index]?.value('ZDATASUM'));
    }
    compressed.close();
    restored.close();
    expect(verifyFits(out, core)).toMatchObject({ checksums: { verified: 19 }, problems: [] });
  });
});

describePython('astropy', 'a file that astropy wrote', (python) => {
  it.each([
    ['fits.ImageHDU(data)', { decoded: 0 }],
    ['fits.ImageHDU(data.astype("int16"))', { decoded: 0 }],
    ['fits.ImageHDU(data.astype("float64"))', { decoded: 0 }],
    [
      'fits.BinTableHDU.from_columns([fits.Column("a", "3J", array=data[:, :3]), fits.Column("b", "PD()", array=data.astype("d"))])',
      { decoded: 0 },
    ],
    ['fits.TableHDU.from_columns([fits.Column("a", "I11", array=data[0], ascii=True)])', { decoded: 0 }],
  ])('%s with sums is proved', (expression, images) => {
    const path = join(tempDir(), 'astropy.fits');
    const script = [
      'import numpy as np, sys',
      'from astropy.io import fits',
      'data = np.arange(1200, dtype="int32").reshape(30, 40)',
      `fits.HDUList([fits.PrimaryHDU(), ${expression}]).writeto(sys.argv[1], checksum=True)`,
    ].join('\n');
    const { status, stderr } = spawnSync(python, ['-c', script, path], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(verifyFits(path, core)).toMatchObject({ checksums: { verified: 2, absent: 0 }, images, problems: [] });
  });

  it('Rice-compressed gives the same pixels', () => {
    const path = join(tempDir(), 'astropy.fits');
    const script = [
      'import numpy as np, sys',
      'from astropy.io import fits',
      'data = np.arange(1200, dtype="int32").reshape(30, 40) ** 2',
      'fits.HDUList([fits.PrimaryHDU(), fits.CompImageHDU(data, compression_type="RICE_1")]).writeto(sys.argv[1])',
    ].join('\n');
    expect(spawnSync(python, ['-c', script, path], { encoding: 'utf8' })).toMatchObject({ status: 0 });
    expect(verifyFits(path, core)).toMatchObject({ images: { decoded: 1, pixels: 1200 }, problems: [] });
    const file = readFits(path);
    const table = file.hdus[1];
    expect(table && [...readPixels(table, core)]).toEqual(Array.from({ length: 1200 }, (_, n) => n * n));
    file.close();
  });
});
