import { rebByLocation, rebSensorType } from '../../../camera/geometry.js';
import type { Camera } from '../../../camera/types.js';
import type { Conditions } from '../../port.js';
import { seedOf } from './scene.js';

type Values = Readonly<Record<string, string | number>>;

/** Set-points of ComCam's REBs, as its image writer reported them (keywords: Rubin raw format, REB_COND). */
const SET_POINTS: Values = {
  GDP: 20,
  RDP: 13,
  OGP: -2,
  ODP: 26.9,
  CSGATEP: 1,
  SCK_LOWP: -5,
  SCK_HIP: 5,
  PCK_LOWP: -8,
  PCK_HIP: 2,
  RG_LOWP: -2,
  RG_HIP: 8,
  AP0_RC: 14,
  AP1_RC: 14,
  AP0_GAIN: 0,
  AP1_GAIN: 0,
  AP0_CLMP: 0,
  AP1_CLMP: 0,
  AP0_AF1: 0,
  AP1_AF1: 0,
  AP0_TM: 0,
  AP1_TM: 0,
  HVBIAS: 'ON',
};

/** What a sensor of the board reads: its middle value and how far it is off from board to board. Degrees Celsius, V, A, W. */
const MEASURED: Readonly<Record<string, readonly [middle: number, spread: number]>> = {
  ...Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`TEMP${i + 1}`, [22 + i, 1.5]])),
  ATEMPU: [12, 1],
  ATEMPL: [11, 1],
  CCDTEMP: [-94.5, 0.6],
  RTDTEMP: [-95, 0.3],
  DIGPS_V: [5.02, 0.02],
  DIGPS_I: [0.62, 0.02],
  ANAPS_V: [7.05, 0.02],
  ANAPS_I: [0.58, 0.02],
  CLKHPS_V: [14.9, 0.03],
  CLKHPS_I: [0.12, 0.01],
  CLKLPS_V: [14.9, 0.03],
  CLKLPS_I: [0.08, 0.01],
  ODPS_V: [37.8, 0.1],
  ODPS_I: [0.1, 0.01],
  HTRPS_V: [0.6, 0.1],
  HTRPS_W: [0.02, 0.01],
  PCKU_V: [2.01, 0.02],
  PCKL_V: [-8.02, 0.02],
  SCKU_V: [5.01, 0.02],
  SCKL_V: [-5.01, 0.02],
  RGU_V: [8.01, 0.02],
  RGL_V: [-2.01, 0.02],
  ODV: [26.88, 0.03],
  OGV: [-2.01, 0.02],
  RDV: [13.02, 0.03],
  GDV: [19.98, 0.03],
  POWER: [14.8, 0.3],
  ODVB: [38.2, 0.1],
  ODIB: [0.1, 0.01],
  ODVA: [36.9, 0.1],
  ODVA2: [36.7, 0.1],
  ODIA: [0.1, 0.01],
  ODVS: [36.6, 0.1],
  BSSVBS: [50.1, 0.1],
  BSSIBS: [0.001, 0.0005],
};

/** Configuration categories of the focal plane and of the REB power supplies, each with a CRC (keywords: CONFIG_COND). */
const CATEGORIES = ['DAQ', 'HID', 'INS', 'LIM', 'RTC', 'RTCS', 'R', 'RL', 'RP', 'SEQ', 'TIM'].map(
  (name) => `FP${name}CS`,
);
const POWER_CATEGORIES = ['LIM', 'POW', 'TIM'].map((name) => `RP${name}CS`);

/** Plausible values of the focal-plane subsystem: what belongs to all, and what each REB reports. */
export function synthConditions(camera: Camera, locations: readonly string[], index: number): Conditions {
  const common = {
    DAQPART: 'emu',
    TSTAND: 'emulator',
    FPVERS: '1.2.8',
    CCDGAIN: 1,
    CCDNOISE: 10,
    ...Object.fromEntries(
      [...CATEGORIES, ...POWER_CATEGORIES].map((keyword) => [keyword, String(seedOf(camera.name, keyword) % 2 ** 32)]),
    ),
  };
  return { '*': common, ...Object.fromEntries(locations.map((one) => [one, rebConditions(camera, one, index)])) };
}

function rebConditions(camera: Camera, location: string, index: number): Values {
  const { sequencer } = rebSensorType(camera, rebByLocation(camera, location).reb);
  const measured = Object.entries(MEASURED).map(([keyword, [middle, spread]]) => {
    const board = seedOf(camera.name, location, keyword) / 2 ** 53 - 0.5;
    const moment = seedOf(camera.name, location, keyword, index) / 2 ** 53 - 0.5;
    return [keyword, Number((middle + spread * (board + 0.2 * moment)).toFixed(4))];
  });
  const sequence =
    sequencer === undefined ? {} : { SEQFILE: sequencer.file, SEQNAME: sequencer.file, SEQCKSUM: sequencer.checksum };
  return { ...sequence, ...Object.fromEntries(measured), ...SET_POINTS };
}
