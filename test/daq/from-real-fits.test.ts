import { createHash } from 'node:crypto';
import { openSync, readSync } from 'node:fs';
import { expect, it } from 'vitest';
import { sourceLayout } from '../../src/camera/geometry.js';
import { loadCamera } from '../../src/camera/load.js';
import { captureCamera } from '../../src/daq/capture/camera.js';
import { CaptureFolder } from '../../src/daq/capture/folder.js';
import { captureFits } from '../../src/daq/from-fits/convert.js';
import { loadNative } from '../../src/native/binding.js';
import { describeReal, realData } from '../support/real-data.js';
import { tempDir } from '../support/temp.js';

const TS8 = 'fits/TS8_20180724_RTM-010_S11.fits.gz';
const COMCAM = 'fits/CC_S_20240404_000780_R22_S01.fits.gz';
/** SHA-256 of the big-endian pixels of Segment00, the only one of the file with real pixels (Rubin raw format: files with real pixels). */
const SEGMENT00 = '4b40c1d713bdabae0738e9ab6af16889fcb0a2b2a6a974bb10924f99750490e7';

const convert = (files: string[], out: string) =>
  captureFits({ files: files.map(realData), flags: {}, out, onProgress: () => undefined });

/** Big-endian digest of one segment of a captured CCD, read band by band. */
function segmentDigest(path: string, location: string, ccd: number, segment: number): string {
  const layout = sourceLayout(loadCamera('lsstcam'), location);
  const file = openSync(path, 'r');
  const hash = createHash('sha256');
  const rows = 128;
  const packed = new Uint8Array(rows * layout.columns * layout.groups * 36);
  for (let first = 0; first < layout.rows; first += rows) {
    readSync(file, packed, 0, packed.length, first * layout.columns * layout.groups * 36);
    const planes = Array.from({ length: 16 }, () => new Int32Array(rows * layout.columns));
    loadNative().unpackRows(layout, rows, packed, ccd, planes);
    hash.update(Buffer.from(planes[segment]?.buffer ?? new ArrayBuffer(0)).swap32());
  }
  return hash.digest('hex');
}

describeReal('a real flat of an e2v CCD', [TS8], () => {
  it('needs no flags, and keeps its pixels', async () => {
    const out = tempDir();
    expect(await convert([TS8], out)).toEqual(['TS_C_20180723_000017']);
    const camera = await captureCamera(out);
    expect(camera.name).toBe('lsstcam');
    const { description, streams } = await new CaptureFolder(out, camera).load('TS_C_20180723_000017');
    expect(description.absent).toEqual(['R33_S10', 'R33_S12']);
    expect(description.sources[0]).toMatchObject({ location: '33/1', serial: '18ee28e4', expectedBytes: 127_401_984 });
    expect(description.image).toMatchObject({ tag: '1532428125342', triggerNs: '1532428125342000000' });
    expect(segmentDigest(streams.get('33/1')?.path ?? '', '33/1', 1, 15)).toBe(SEGMENT00);
  });
});

describeReal("a real file of the camera's image writer", [COMCAM], () => {
  it('gives the facts that its cards hold', async () => {
    const out = tempDir();
    expect(await convert([COMCAM], out)).toEqual(['CC_S_20240404_000780']);
    const { description } = await new CaptureFolder(out, loadCamera('comcam')).load('CC_S_20240404_000780');
    expect(description.image).toMatchObject({
      tag: 'b0965a922d7283ff',
      annotation: 'Rubin_SV_300_-41 256 60/60',
      locations: ['22/0'],
    });
    expect(description.conditions['22/0']).toMatchObject({ ODP: 26.9, HVBIAS: 'OFF', SEQCKSUM: '980618532' });
    expect(description.conditions['*']).toMatchObject({
      EMUIMAGE: 'CC_S_20240405_000909',
      DAQPART: 'emu',
      FPVERS: '1.2.5',
    });
  });
});
