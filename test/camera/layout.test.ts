import { describe, expect, it } from 'vitest';
import {
  frameSeconds,
  rebByLocation,
  rebSensorType,
  smallGeometry,
  sourceLayout,
  sourceLength,
} from '../../src/camera/geometry.js';
import { loadCamera } from '../../src/camera/load.js';
import type { SourceLayout } from '../../src/native/layout.js';

/** Rubin raw format, golden vector 1b: one science sample whose FITS value is 20000 + 1000 * CCD + 10 * FITS index. */
const GOLDEN_1B =
  '79a90da6d698da656aa1a9ada6569bda6f6a0faa15a8b69f5a7c6ae7a975a7369d5a726a61adadb556d7da5f6b89ad4db6d6d9da696bf7adb5b736de' +
  '5a766bcfad15b7b6db5a6c6b49b14dc5d615db596c71b1edc55618db636cdfb155c7b61c5b706cb7b1b5c6361a5b666c';

const comcam = loadCamera('comcam');
const lsstcam = loadCamera('lsstcam');
const latiss = loadCamera('latiss');

/** Values of one CCD in FITS order, read from one sample by the layout alone: a continuous stream of 18-bit values, lowest bit first. */
function decode(layout: SourceLayout, ccd: number, sample: Buffer): number[] {
  const bits = BigInt(`0x${Buffer.from(sample).reverse().toString('hex')}`);
  const { group = 0, channels = [] } = layout.ccds[ccd] ?? {};
  return channels.map((channel) => Number((bits >> BigInt(18 * (16 * group + channel))) & 0x3ffffn) ^ layout.xor);
}

/** Segment names in the order of DAQ channels, turned into "channel of each segment in FITS order". */
function channelsOf(order: string[], fitsOrder: string[]): number[] {
  return fitsOrder.map((name) => order.indexOf(name));
}
const series = (half: number, places: number[]) => places.map((place) => `S${half}${place}`);
const UP = [0, 1, 2, 3, 4, 5, 6, 7];
const DOWN = [7, 6, 5, 4, 3, 2, 1, 0];
const FITS_ORDER = [...series(1, UP), ...series(0, DOWN)];

describe('source layout', () => {
  it('of a science board reads the golden sample: CCD order, segment order and XOR', () => {
    const layout = sourceLayout(comcam, '22/1');
    for (const ccd of [0, 1, 2]) {
      expect(decode(layout, ccd, Buffer.from(GOLDEN_1B, 'hex'))).toEqual(
        FITS_ORDER.map((_, f) => 20000 + 1000 * ccd + 10 * f),
      );
    }
  });

  it('of a ComCam board has 127,401,984 bytes, three of them 382,205,952', () => {
    const lengths = ['22/0', '22/1', '22/2'].map((location) => sourceLength(sourceLayout(comcam, location)));
    expect(lengths).toEqual([127_401_984, 127_401_984, 127_401_984]);
  });

  it('of an E2V board differs from ITL in its pedestal only', () => {
    const itl = sourceLayout(lsstcam, '01/0');
    expect(sourceLayout(lsstcam, '22/0')).toEqual({ ...itl, pedestal: [527, 576] });
    expect(itl.pedestal).toEqual([517, 576]);
  });

  it('of LATISS is one CCD with channels S00...S07, S17...S10', () => {
    const layout = sourceLayout(latiss, '00/0');
    const channels = channelsOf([...series(0, UP), ...series(1, DOWN)], FITS_ORDER);
    expect(layout).toMatchObject({ groups: 1, columns: 576, rows: 2048, xor: 0x20000, ccds: [{ group: 0, channels }] });
    expect(sourceLength(layout)).toBe(42_467_328);
  });

  it('of a guider board is two CCDs, the second first, with channels in FITS order', () => {
    const channels = channelsOf(FITS_ORDER, FITS_ORDER);
    for (const location of ['00/1', '04/1', '40/1', '44/1']) {
      const layout = sourceLayout(lsstcam, location);
      const ccds = [
        { group: 1, channels },
        { group: 0, channels },
      ];
      expect(layout).toMatchObject({ groups: 2, xor: 0x20000, ccds });
      expect(sourceLength(layout)).toBe(84_934_656);
    }
  });

  it('of a wavefront board is two half CCDs of eight segments that share one sample', () => {
    for (const location of ['00/0', '04/0', '40/0', '44/0']) {
      const layout = sourceLayout(lsstcam, location);
      const ccds = [
        { group: 0, channels: UP },
        { group: 0, channels: UP.map((channel) => channel + 8) },
      ];
      expect(layout).toMatchObject({ groups: 1, xor: 0x20000, ccds });
      expect(sourceLength(layout)).toBe(42_467_328);
    }
  });

  it('has coefficients only when asked for, and only where they are known', () => {
    expect(sourceLayout(comcam, '22/0').ccds.some((ccd) => 'crosstalk' in ccd)).toBe(false);
    expect(sourceLayout(comcam, '22/0', { corrected: true }).ccds.map((ccd) => ccd.crosstalk?.linear.length)).toEqual([
      256, 256, 256,
    ]);
    for (const [camera, location] of [
      [lsstcam, '22/0'],
      [lsstcam, '00/0'],
      [latiss, '00/0'],
    ] as const) {
      expect(sourceLayout(camera, location, { corrected: true })).toEqual(sourceLayout(camera, location));
    }
  });

  it('is made once per board of a camera; a camera of the same boards and other sensors has its own', () => {
    expect(sourceLayout(comcam, '22/0', { corrected: true })).toBe(sourceLayout(comcam, '22/0', { corrected: true }));
    const small = smallGeometry(comcam, { columns: 72, rows: 32 });
    expect(sourceLayout(small, '22/0')).toMatchObject({ columns: 72, rows: 32 });
    expect(sourceLayout(comcam, '22/0')).toMatchObject({ columns: 576, rows: 2048 });
  });

  it('does not exist for a location that the camera has not', () => {
    expect(() => sourceLayout(comcam, '01/0')).toThrow(expect.objectContaining({ code: 'LOCATION_UNKNOWN' }));
  });
});

describe('frame time', () => {
  it.each([
    ['22/0', comcam, '2.395'],
    ['01/0', lsstcam, '2.395'],
    ['22/0', lsstcam, '2.303'],
  ])('of %s is the published one of its sequencer', (location, camera, seconds) => {
    expect(frameSeconds(rebSensorType(camera, rebByLocation(camera, location).reb)).toFixed(3)).toBe(seconds);
  });
});
