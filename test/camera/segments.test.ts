import { describe, expect, it } from 'vitest';
import { loadCamera } from '../../src/camera/load.js';

/** Rubin raw format, HDU order and DETSEC: amplifier, DETSEC, DTV1, DTV2, DTM1_1, DTM2_2 of HDU 1 to 16. */
const ITL = `
  C10 [509:1,1:2000] 513 0 -1 1        C11 [1018:510,1:2000] 1022 0 -1 1
  C12 [1527:1019,1:2000] 1531 0 -1 1   C13 [2036:1528,1:2000] 2040 0 -1 1
  C14 [2545:2037,1:2000] 2549 0 -1 1   C15 [3054:2546,1:2000] 3058 0 -1 1
  C16 [3563:3055,1:2000] 3567 0 -1 1   C17 [4072:3564,1:2000] 4076 0 -1 1
  C07 [4072:3564,4000:2001] 4076 4001 -1 -1   C06 [3563:3055,4000:2001] 3567 4001 -1 -1
  C05 [3054:2546,4000:2001] 3058 4001 -1 -1   C04 [2545:2037,4000:2001] 2549 4001 -1 -1
  C03 [2036:1528,4000:2001] 2040 4001 -1 -1   C02 [1527:1019,4000:2001] 1531 4001 -1 -1
  C01 [1018:510,4000:2001] 1022 4001 -1 -1    C00 [509:1,4000:2001] 513 4001 -1 -1`;
const E2V = `
  C10 [512:1,1:2002] 523 0 -1 1        C11 [1024:513,1:2002] 1035 0 -1 1
  C12 [1536:1025,1:2002] 1547 0 -1 1   C13 [2048:1537,1:2002] 2059 0 -1 1
  C14 [2560:2049,1:2002] 2571 0 -1 1   C15 [3072:2561,1:2002] 3083 0 -1 1
  C16 [3584:3073,1:2002] 3595 0 -1 1   C17 [4096:3585,1:2002] 4107 0 -1 1
  C07 [3585:4096,4004:2003] 3574 4005 1 -1   C06 [3073:3584,4004:2003] 3062 4005 1 -1
  C05 [2561:3072,4004:2003] 2550 4005 1 -1   C04 [2049:2560,4004:2003] 2038 4005 1 -1
  C03 [1537:2048,4004:2003] 1526 4005 1 -1   C02 [1025:1536,4004:2003] 1014 4005 1 -1
  C01 [513:1024,4004:2003] 502 4005 1 -1     C00 [1:512,4004:2003] -10 4005 1 -1`;

/** Multi-coordinate WCS: PC of A, C, R, F; PC of E, B, Q; CRVAL of A; CRVAL1 of C, for C1y and C0y. */
const WCS = {
  itl1: [[0, -1, -1, 0], [-1, 0, 0, -1], [2001, 513], 4001],
  itl0: [[0, 1, -1, 0], [-1, 0, 0, 1], [0, 513], 0],
  e2v1: [[0, -1, -1, 0], [-1, 0, 0, -1], [2003, 523], 4005],
  e2v0: [[0, 1, 1, 0], [1, 0, 0, 1], [0, -10], 0],
};

const camera = loadCamera('lsstcam');
const rows = (type: string) => {
  const { segments = [] } = camera.sensorTypes[type] ?? {};
  return segments.map(({ amplifier, detsec, dtv, dtm }) => [amplifier, detsec, ...dtv, ...dtm].join(' '));
};
const published = (table: string) => table.trim().split(/\s{2,}/);

describe('segments of a sensor type', () => {
  it('stand in FITS order with the published DETSEC, DTV and DTM of an ITL 3800C', () => {
    expect(rows('ITL-3800C')).toEqual(published(ITL));
  });

  it('stand in FITS order with the published DETSEC, DTV and DTM of an E2V CCD250', () => {
    expect(rows('E2V-CCD250')).toEqual(published(E2V));
  });

  it('of half a wavefront sensor are the C1y half of an ITL 3800C', () => {
    expect(rows('ITL-4400B')).toEqual(published(ITL).slice(0, 8));
  });

  it.each([
    ['ITL-3800C', '1', WCS.itl1],
    ['ITL-3800C', '0', WCS.itl0],
    ['E2V-CCD250', '1', WCS.e2v1],
    ['E2V-CCD250', '0', WCS.e2v0],
    ['ITL-4400B', '1', WCS.itl1],
  ])('of %s C%sy have the published WCS matrices and reference values', (type, half, expected) => {
    const segments = camera.sensorTypes[type]?.segments.filter(({ amplifier }) => amplifier[1] === half) ?? [];
    expect(segments).toHaveLength(8);
    for (const s of segments) {
      expect([s.pcParallelSerial, s.pcSerialParallel, s.crvalA, s.crvalC1]).toEqual(expected);
    }
  });

  it.each([
    ['ITL-3800C', 509, 2000, { 1: [true, true], 0: [true, false] }],
    ['E2V-CCD250', 512, 2002, { 1: [true, true], 0: [false, false] }],
  ])('of %s are flipped and placed as the observatory assembles them, C1y above', (type, width, height, flips) => {
    for (const { amplifier, flipX, flipY, assembled } of camera.sensorTypes[type]?.segments ?? []) {
      const half = amplifier[1] === '1' ? 1 : 0;
      expect([flipX, flipY]).toEqual(flips[half]);
      expect(assembled).toEqual([Number(amplifier[2]) * width, half * height]);
    }
  });

  it('have the boxes of their vendor', () => {
    const { 'ITL-3800C': itl, 'E2V-CCD250': e2v } = camera.sensorTypes;
    expect(itl).toMatchObject({
      columns: 576,
      rows: 2048,
      underCols: 3,
      datasec: '[4:512,1:2000]',
      detsize: '[1:4072,1:4000]',
      pedestal: [517, 576],
      raftOffset: [125, 89],
    });
    expect(e2v).toMatchObject({
      columns: 576,
      rows: 2048,
      underCols: 10,
      datasec: '[11:522,1:2002]',
      detsize: '[1:4096,1:4004]',
      pedestal: [527, 576],
      raftOffset: [122.5, 77],
    });
  });
});
