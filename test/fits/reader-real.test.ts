import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Hdu } from '../../src/fits/hdu.js';
import { readPixels } from '../../src/fits/pixels.js';
import { readFits } from '../../src/fits/reader.js';
import { verifyFits } from '../../src/fits/verify.js';
import { restoredHeader } from '../../src/fits/verify-restored.js';
import { loadNative } from '../../src/native/binding.js';
import { bigEndian, image, primary } from '../support/fits-bytes.js';
import { oracle, runOracle } from '../support/oracles.js';
import { describeReal, realData } from '../support/real-data.js';
import { tempDir } from '../support/temp.js';

const core = loadNative();
const TS8 = 'fits/TS8_20180724_RTM-010_S11.fits.gz';
const IMAGE_WRITER = 'fits/CC_S_20240404_000780_R22_S01.fits.gz';
const LSSTCAM = 'fits/MC_C_20211212_000310_R22_S22.fits.gz';
/** Of the big-endian pixels of the one real segment (Rubin raw format: files with real pixels). */
const SEGMENT00_SHA256 = '4b40c1d713bdabae0738e9ab6af16889fcb0a2b2a6a974bb10924f99750490e7';

const sha256 = (pixels: Int32Array) => createHash('sha256').update(bigEndian(pixels)).digest('hex');
const segment = (path: string, index: number): Hdu => {
  const hdu = readFits(path).hdus[index];
  if (hdu === undefined) throw new Error(`${path} has no HDU ${index}`);
  return hdu;
};

describeReal('a real flat of a test stand', [TS8], () => {
  it('has 16 segments and 4 tables, and the real segment gives its published pixels', () => {
    const file = readFits(realData(TS8));
    expect(file.hdus.map(({ kind }) => kind)).toEqual([
      'primary',
      ...Array(16).fill('image'),
      ...Array(4).fill('bintable'),
    ]);
    const hdu = segment(realData(TS8), 16);
    expect(hdu.extname).toBe('Segment00');
    const pixels = readPixels(hdu, core);
    expect(sha256(pixels)).toBe(SEGMENT00_SHA256);
    expect(String(core.pixelSum(pixels))).toBe(hdu.value('DATASUM'));
  });

  it('survives fpack’s Rice tiles bit by bit', (context) => {
    const fpack = oracle('fpack');
    if (fpack === undefined) return context.skip('fpack not found');
    const pixels = readPixels(segment(realData(TS8), 16), core);
    const path = join(tempDir(), 'segment.fits');
    writeFileSync(path, Buffer.concat([primary(), image({ columns: 576, rows: 2048, pixels, extname: 'Segment00' })]));
    expect(runOracle(fpack, ['-r', path])).toMatchObject({ status: 0 });
    expect(existsSync(`${path}.fz`)).toBe(true);
    expect(segment(`${path}.fz`, 1).value('PCOUNT')).toBe(1512083);
    expect(sha256(readPixels(segment(`${path}.fz`, 1), core))).toBe(SEGMENT00_SHA256);
  });

  it('is sound in structure; only the sums of the segments that were blanked fail', () => {
    const { problems, checksums } = verifyFits(realData(TS8), core);
    expect(new Set(problems.map(({ code }) => code))).toEqual(new Set(['FITS_CHECKSUM']));
    const blanked = Array.from({ length: 15 }, (_, n) => n + 1);
    const dataSums = problems.filter(({ details }) => details.keyword === 'DATASUM');
    expect(dataSums.map(({ details }) => details.hdu)).toEqual(blanked);
    expect(checksums.absent).toBe(0);
  });
});

describeReal('real files of the camera’s image writer', [IMAGE_WRITER, LSSTCAM], () => {
  it.each([IMAGE_WRITER, LSSTCAM])('%s: every blanked segment decodes to zeros', (name) => {
    const file = readFits(realData(name));
    expect(file.hdus.map(({ kind }) => kind)).toEqual([
      'primary',
      ...Array(16).fill('compressed-image'),
      'bintable',
      'bintable',
    ]);
    for (const hdu of file.hdus.slice(1, 17)) {
      const pixels = readPixels(hdu, core);
      expect(pixels.length).toBe(576 * 2048);
      expect(core.pixelSum(pixels)).toBe(0);
    }
  });

  it('blanked after their sums were written, they fail in each of these sums and in nothing else', () => {
    for (const name of [IMAGE_WRITER, LSSTCAM]) {
      const report = verifyFits(realData(name), core);
      expect(report).toMatchObject({ checksums: { verified: 3, absent: 0 }, images: { decoded: 16, verified: 0 } });
      expect(report.problems).toHaveLength(64);
      expect(report.problems.every(({ code }) => code === 'FITS_CHECKSUM')).toBe(true);
    }
  });

  it('the restored header of each image agrees with the ZHECKSUM that the camera wrote, given its ZDATASUM', () => {
    for (const hdu of readFits(realData(IMAGE_WRITER)).hdus.slice(1, 17)) {
      const header = restoredHeader(hdu);
      expect(header && core.dataSum(header, Number(hdu.value('ZDATASUM')))).toBe(0xffffffff);
    }
  });
});
