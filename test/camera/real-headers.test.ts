import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { ccdBySlot, sensorTypeOf } from '../../src/camera/geometry.js';
import { loadCamera } from '../../src/camera/load.js';
import type { Segment, SensorType } from '../../src/camera/types.js';
import { readFits } from '../../src/fits/reader.js';
import { describeReal, realData } from '../support/real-data.js';

type Value = (keyword: string) => unknown;

const FILES = [
  ['CC_S_20240404_000780_R22_S01', 'comcam', 'R22', 'S01'],
  ['MC_C_20211212_000310_R22_S22', 'lsstcam', 'R22', 'S22'],
  ['TS8_20180724_RTM-010_S11', 'lsstcam', 'R33', 'S11'],
] as const;

/** Headers of the first segment. */
const DUMPS = [
  ['comCam-CC_O_20241108_000266_R22_S00', 'comcam', 'R22', 'S00'],
  ['comCamSim-CC_S_20240321_000093_R22_S22', 'comcam', 'R22', 'S22'],
  ['lsstCam-MC_O_20250415_000060_R01_S01', 'lsstcam', 'R01', 'S01'],
] as const;

describeReal(
  'camera data against files that the camera wrote',
  FILES.map(([name]) => `fits/${name}.fits.gz`),
  () => {
    it.each(FILES)(
      '%s: all 16 segments have our EXTNAME, DATASEC, DETSEC, DTV, DTM',
      (name, cameraName, bay, sensor) => {
        const type = typeOf(cameraName, bay, sensor);
        const file = readFits(realData(`fits/${name}.fits.gz`));
        expect(file.hdus[0]?.value('DETSIZE')).toBe(type.detsize);
        for (const [index, segment] of type.segments.entries()) {
          const hdu = file.hdus[index + 1];
          expectSegment((keyword) => hdu?.value(keyword), segment, type);
          expect(hdu?.value('CHANNEL')).toBe(index + 1);
        }
        file.close();
      },
    );

    it.each(FILES.slice(0, 2))('%s: all 16 segments have our WCS', (name, cameraName, bay, sensor) => {
      const type = typeOf(cameraName, bay, sensor);
      const file = readFits(realData(`fits/${name}.fits.gz`));
      for (const [index, segment] of type.segments.entries()) {
        expectWcs((keyword) => file.hdus[index + 1]?.value(keyword), segment, type, bay, sensor);
      }
      file.close();
    });
  },
);

describeReal(
  'camera data against header dumps',
  DUMPS.map(([name]) => `headers/${name}.yaml`),
  () => {
    it.each(DUMPS)('%s: first segment, WCS, serials and names agree', (name, cameraName, bay, sensor) => {
      const header = parse(readFileSync(realData(`headers/${name}.yaml`), 'utf8'), { uniqueKeys: false });
      const value: Value = (keyword) => header[keyword];
      const { raft, reb, ccd } = ccdBySlot(loadCamera(cameraName), bay, sensor);
      const type = typeOf(cameraName, bay, sensor);
      expectSegment(value, type.segments[0] as Segment, type);
      expectWcs(value, type.segments[0] as Segment, type, bay, sensor);
      expect([ccd.lsstNum, ccd.serial, reb.name, raft.name, type.manufacturer, type.model]).toEqual(
        ['LSST_NUM', 'CCD_SERN', 'REBNAME', 'RAFTNAME', 'CCD_MANU', 'CCD_TYPE'].map(value),
      );
      expect([reb.serial, '0']).toContain(value('CONTNUM'));
    });
  },
);

function typeOf(cameraName: string, bay: string, sensor: string): SensorType {
  const camera = loadCamera(cameraName);
  return sensorTypeOf(camera, ccdBySlot(camera, bay, sensor).ccd);
}

function expectSegment(value: Value, segment: Segment, type: SensorType): void {
  expect(value('EXTNAME')).toBe(segment.name);
  expect(value('DATASEC')).toBe(type.datasec);
  expect(value('DETSEC')).toBe(segment.detsec);
  expect(['DTV1', 'DTV2', 'DTM1_1', 'DTM2_2'].map(value)).toEqual([...segment.dtv, ...segment.dtm]);
  expect([value('DTM1_2'), value('DTM2_1')]).toEqual([0, 0]);
}

/** CRVAL of the raft and focal-plane frames from the CCD's: offset and pitch of the slot, 12700 per raft (Rubin raw format). */
function expectWcs(value: Value, segment: Segment, type: SensorType, bay: string, sensor: string): void {
  const pc = (letter: string) => ['PC1_1', 'PC1_2', 'PC2_1', 'PC2_2'].map((name) => value(name + letter));
  const crval = (letter: string) => [value(`CRVAL1${letter}`), value(`CRVAL2${letter}`)];
  for (const letter of 'ACRF') expect(pc(letter)).toEqual(segment.pcParallelSerial);
  for (const letter of 'EBQ') expect(pc(letter)).toEqual(segment.pcSerialParallel);
  const ccd = [segment.crvalC1, segment.dtv[0]] as const;
  const raft = [0, 1].map(
    (axis) => (ccd[axis] ?? 0) + (type.raftOffset[axis] ?? 0) + type.raftPitch * Number(sensor[axis + 1]),
  );
  const plane = raft.map((origin, axis) => origin + 12700 * Number(bay[axis + 1]));
  expect(crval('A')).toEqual(segment.crvalA);
  expect(crval('C')).toEqual(ccd);
  expect(crval('R')).toEqual(raft);
  expect(crval('F')).toEqual(plane);
  expect(crval('E')).toEqual(plane.toReversed());
  expect(crval('B')).toEqual(ccd.toReversed());
  expect(crval('Q')).toEqual(raft.toReversed());
}
