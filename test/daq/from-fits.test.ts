import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { sensorTypeOf, sourceLayout } from '../../src/camera/geometry.js';
import { CaptureFolder } from '../../src/daq/capture/folder.js';
import { captureFits } from '../../src/daq/from-fits/convert.js';
import type { FitsFlags } from '../../src/daq/from-fits/identity.js';
import { loadNative } from '../../src/native/binding.js';
import { tempDir } from '../support/temp.js';
import { fitsOf, type PixelOf, RAMP } from './fits-input.js';
import { SMALL_CAMERA } from './images.js';

const ITL = sensorTypeOf(SMALL_CAMERA, SMALL_CAMERA.rafts[0]?.rebs[0]?.ccds[0] ?? expect.fail());
const CARDS = {
  CAMCODE: 'CC',
  OBSID: 'CC_O_20241108_000266',
  RAFTBAY: 'R22',
  CCDSLOT: 'S11',
  'DATE-OBS': '2024-11-09T06:34:41.323',
};
const native = loadNative();

/** A folder with files by name, and the small camera as a data file. */
function folderWith(files: Readonly<Record<string, Buffer>>): { folder: string; camera: string; paths: string[] } {
  const folder = tempDir();
  const camera = join(folder, 'small.json');
  writeFileSync(camera, JSON.stringify(SMALL_CAMERA));
  const paths = Object.entries(files).map(([name, bytes]) => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  });
  return { folder, camera, paths };
}

async function convert(files: Readonly<Record<string, Buffer>>, flags: FitsFlags = {}) {
  const { camera, paths } = folderWith(files);
  const out = join(tempDir(), 'captures');
  const names = await captureFits({ files: paths, flags: { camera, ...flags }, out, onProgress: () => undefined });
  return { names, out, captures: new CaptureFolder(out, SMALL_CAMERA) };
}

/** Pixels of one CCD of a captured source, by segment. */
function pixelsOf(path: string, location: string, ccd: number): Int32Array[] {
  const layout = sourceLayout(SMALL_CAMERA, location);
  const planes = Array.from({ length: 16 }, () => new Int32Array(layout.columns * layout.rows));
  native.unpackRows(layout, layout.rows, readFileSync(path), ccd, planes);
  return planes;
}

const planeOf = (pixel: PixelOf, segment: number) =>
  Int32Array.from({ length: ITL.columns * ITL.rows }, (_, i) => pixel(segment, i));

describe('captures from FITS files', () => {
  it.each([
    ['plain', (fits: Buffer) => fits],
    ['gzipped', gzipSync],
  ])('hold every pixel of a %s file, and zeros for the CCDs that are absent', async (_what, wrap) => {
    const { names, captures } = await convert({ 'a.fits': wrap(fitsOf(ITL, CARDS)) });
    expect(names).toEqual(['CC_O_20241108_000266']);
    const { description, streams } = await captures.load('CC_O_20241108_000266');
    expect(description.absent).toEqual(['R22_S10', 'R22_S12']);
    expect(description.image.locations).toEqual(['22/1']);
    const { path = '', crc32 } = streams.get('22/1') ?? {};
    expect(native.crc32(readFileSync(path))).toBe(crc32);
    pixelsOf(path, '22/1', 1).forEach((plane, segment) => {
      expect(plane).toEqual(planeOf(RAMP, segment));
    });
    for (const plane of [...pixelsOf(path, '22/1', 0), ...pixelsOf(path, '22/1', 2)])
      expect(plane.every((value) => value === 0)).toBe(true);
  });

  it('find segments by name, else by position', async () => {
    const reversed = [...Array(16).keys()].reverse();
    for (const [names, expected] of [
      [true, (segment: number) => segment],
      [false, (segment: number) => 15 - segment],
    ] as const) {
      const { captures } = await convert({ 'a.fits': fitsOf(ITL, CARDS, { order: reversed, names }) });
      const { streams } = await captures.load('CC_O_20241108_000266');
      const planes = pixelsOf(streams.get('22/1')?.path ?? '', '22/1', 1);
      expect(planes[3]).toEqual(planeOf(RAMP, expected(3)));
    }
  });

  it('join the CCDs of a raft, and keep exposures apart', async () => {
    const { names, captures } = await convert({
      'a.fits': fitsOf(ITL, { ...CARDS, CCDSLOT: 'S00' }),
      'b.fits': fitsOf(ITL, { ...CARDS, CCDSLOT: 'S01' }),
      'c.fits': fitsOf(ITL, { ...CARDS, CCDSLOT: 'S22' }),
      'd.fits': fitsOf(ITL, { ...CARDS, OBSID: 'CC_O_20241108_000267' }),
    });
    expect(names).toEqual(['CC_O_20241108_000266', 'CC_O_20241108_000267']);
    const { description } = await captures.load('CC_O_20241108_000266');
    expect(description.image.locations).toEqual(['22/0', '22/2']);
    expect(description.absent).toEqual(['R22_S02', 'R22_S20', 'R22_S21']);
  });

  it('keep what the cards tell of the exposure and of the DAQ', async () => {
    const cards = {
      ...CARDS,
      'DATE-TRG': '2024-11-09T06:35:11.749',
      'DATE-END': '2024-11-09T06:35:11.754',
      IMAGETAG: '55a26f70adb62647',
      CONTNUM: '000018edfc9b',
      FIRMWARE: '31395007',
      PLATFORM: 'comcam',
      DAQVERS: 'R5-V11.3 2024-09-16T15:03:01Z (10c5a519)',
      IMGTYPE: 'OBJECT',
      EXPTIME: 30.5,
      TSTAND: 'TMACCv1_SUM',
      SEQFILE: 'FP_ITL_2s_ir2_v26.seq',
    };
    const { captures } = await convert({ 'a.fits': fitsOf(ITL, cards) });
    const { image, sources, events, conditions } = (await captures.load('CC_O_20241108_000266')).description;
    expect(image).toMatchObject({ tag: '55a26f70adb62647', triggerNs: '1731134111749000000' });
    expect(image.version).toEqual({
      tag: 'R5-V11.3',
      buildTimeNs: '1726498981000000000',
      hash: '10c5a519',
      dirty: false,
    });
    expect(sources[0]).toMatchObject({ serial: '18edfc9b', firmware: '31395007', platform: 'comcam' });
    expect(events[0]).toMatchObject({
      type: 'startIntegration',
      time: '2024-11-09T06:34:41.323',
      fields: { imageType: 'OBJECT', exposureTime: 30.5 },
    });
    expect(conditions).toMatchObject({ '*': { TSTAND: 'TMACCv1_SUM' }, '22/1': { SEQFILE: 'FP_ITL_2s_ir2_v26.seq' } });
  });
});

describe('what a FITS file is', () => {
  const { OBSID: _obsid, CAMCODE: _code, RAFTBAY: _raft, CCDSLOT: _slot, ...bare } = CARDS;
  const captured = async (name: string, cards: Record<string, string | number>, flags: FitsFlags = {}) => {
    const { names, out } = await convert({ [name]: fitsOf(ITL, cards) }, flags);
    return `${names.join()} ${readdirSync(out).find((file) => file.endsWith('.raw'))}`;
  };

  it.each([
    [
      'flags before cards',
      'a.fits',
      CARDS,
      { sensor: 'S22', obsid: 'CC_S_20261121_000009' },
      'CC_S_20261121_000009_R22_Reb2',
    ],
    ['cards before the name', 'CC_O_20200101_000001_R22_S00.fits', CARDS, {}, 'CC_O_20241108_000266_R22_Reb1'],
    [
      'the serial of the raft',
      'x_S20.fits',
      { ...bare, RAFTNAME: 'LCA-11021_RTM-031-Dev', SEQNUM: 5 },
      {},
      'CC_C_20241108_000005_R22_Reb2',
    ],
    ['its name', 'CC_O_20241108_000266_R22_S00.fits', bare, {}, 'CC_O_20241108_000266_R22_Reb0'],
    [
      'the name parts',
      'a_S01.fits',
      { CAMCODE: 'CC', CONTRLLR: 'C', DAYOBS: '20241108', SEQNUM: 7 },
      {},
      'CC_C_20241108_000007_R22_Reb0',
    ],
    ['a test stand', 'a_S01.fits', { ...bare, TSTAND: 'TS8', SEQNUM: 17 }, {}, 'TS_C_20241108_000017_R22_Reb0'],
    [
      'the day that ends at noon',
      'a_S01.fits',
      { 'DATE-OBS': '2024-11-09T12:00:00.000', SEQNUM: 1 },
      {},
      'CC_C_20241109_000001_R22_Reb0',
    ],
  ])('is told by %s', async (_what, name, cards, flags, expected) => {
    expect(await captured(name, cards, flags)).toContain(`${expected}.raw`);
  });

  it.each([
    ['--sensor', 'a.fits', { ...CARDS, CCDSLOT: '' }],
    ['--obsid', 'a_S11.fits', bare],
  ])('asks for %s when nothing tells it', async (flag, name, cards) => {
    await expect(captured(name, cards)).rejects.toMatchObject({ code: 'CAPTURE_FLAG_NEEDED', details: { flag } });
  });

  it('asks for --camera and --raft when nothing tells them', async () => {
    const { paths } = folderWith({ 'a.fits': fitsOf(ITL, bare) });
    const flagged = (flags: FitsFlags) =>
      captureFits({ files: paths, flags, out: tempDir(), onProgress: () => undefined });
    await expect(flagged({})).rejects.toMatchObject({ code: 'CAPTURE_FLAG_NEEDED', details: { flag: '--camera' } });
    await expect(flagged({ camera: 'lsstcam' })).rejects.toMatchObject({ details: { flag: '--raft' } });
    await expect(flagged({ camera: 'comcam2' })).rejects.toMatchObject({ code: 'CAMERA_UNKNOWN' });
    await expect(flagged({ camera: 'lsstcam', raft: 'R55' })).rejects.toMatchObject({ code: 'LOCATION_UNKNOWN' });
    await expect(flagged({ camera: 'lsstcam', raft: '../..' })).rejects.toMatchObject({ code: 'LOCATION_UNKNOWN' });
  });

  it('is refused with a hostile image name', async () => {
    await expect(captured('a.fits', { ...CARDS, OBSID: '../../x' })).rejects.toMatchObject({
      code: 'IMAGE_NAME_INVALID',
    });
  });

  it('is refused when a CCD is given twice', async () => {
    await expect(convert({ 'a.fits': fitsOf(ITL, CARDS), 'b.fits': fitsOf(ITL, CARDS) })).rejects.toMatchObject({
      code: 'CAPTURE_INVALID',
    });
  });
});

describe('pixels that no DAQ can have given', () => {
  it.each([
    ['another size', { columns: 63 }, 'GEOMETRY_MISMATCH'],
    ['a segment too few', { order: [...Array(15).keys()] }, 'FITS_INVALID'],
    [
      'a value beyond 18 bits',
      { pixel: (segment: number, i: number) => (segment === 5 && i === 77 ? 262_144 : 1) },
      'FITS_INVALID',
    ],
    [
      'a negative value',
      { pixel: (segment: number, i: number) => (segment === 0 && i === 0 ? -1 : 1) },
      'FITS_INVALID',
    ],
  ])('are refused: %s; nothing is left behind', async (_what, options, code) => {
    const { camera, paths } = folderWith({ 'a.fits': fitsOf(ITL, CARDS, options) });
    const out = tempDir();
    await expect(
      captureFits({ files: paths, flags: { camera }, out, onProgress: () => undefined }),
    ).rejects.toMatchObject({ code });
    expect(readdirSync(out)).toEqual([]);
  });
});
