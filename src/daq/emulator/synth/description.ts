import {
  frameSeconds,
  readoutOf,
  readoutRegisters,
  rebByLocation,
  rebSensorType,
  sourceLayout,
  sourceLength,
} from '../../../camera/geometry.js';
import type { Camera } from '../../../camera/types.js';
import { parseObsId } from '../../../model/ids.js';
import { isoFromTai, type Tai, taiFromIso } from '../../../model/time.js';
import { tagOfName } from '../../capture/names.js';
import type { CameraEvent, DaqSourceInfo, DaqVersion, ImageDescription } from '../../port.js';
import { synthConditions } from './conditions.js';

/** The DAQ release that ComCam had on the sky. */
const VERSION: DaqVersion = { tag: 'R5-V11.3', buildTimeNs: '1726498981000000000', hash: '10c5a519', dirty: false };
const FIRMWARE = '31395007';
const EXPOSURE_SECONDS = 30;
/** Exposures of a night follow each other at this distance, from 12 hours after the start of the observing day. */
const CADENCE_SECONDS = 40;
const SECOND = 1_000_000_000n;

export interface SynthImage {
  readonly camera: Camera;
  readonly obsid: string;
  readonly locations: readonly string[];
  /** 0-based, and how many are made together. */
  readonly index: number;
  readonly count: number;
}

/** Everything but the pixels of a synthetic exposure. Its times follow from its name, so that nothing depends on when it was made. */
export function describeSynthetic(image: SynthImage): ImageDescription {
  const { camera, obsid, locations, index } = image;
  const trigger = triggerOf(obsid);
  return {
    image: {
      tag: tagOfName(obsid),
      name: obsid,
      folder: 'raw',
      annotation: 'synthetic',
      triggerNs: trigger.toString(),
      opcode: 0,
      version: VERSION,
      locations,
    },
    sources: locations.map((location) => synthSource(camera, location)),
    events: synthEvents(image, trigger),
    conditions: synthConditions(camera, locations, index),
    absent: [],
  };
}

function triggerOf(obsid: string): Tai {
  const { dayobs, seqnum } = parseObsId(obsid);
  const noon = taiFromIso(`${dayobs.slice(0, 4)}-${dayobs.slice(4, 6)}-${dayobs.slice(6)}T12:00:00`) ?? 0n;
  return noon + BigInt(43_200 + seqnum * CADENCE_SECONDS) * SECOND;
}

function synthSource(camera: Camera, location: string): DaqSourceInfo {
  const { reb } = rebByLocation(camera, location);
  return {
    location,
    expectedBytes: sourceLength(sourceLayout(camera, location)),
    sensorType: readoutOf(camera, reb).sensorType,
    firmware: FIRMWARE,
    serial: reb.serial ?? '0',
    platform: camera.name,
    version: VERSION,
    registers: readoutRegisters(rebSensorType(camera, reb)),
  };
}

function synthEvents({ camera, obsid, locations, index, count }: SynthImage, trigger: Tai): CameraEvent[] {
  const seconds = (value: number) => BigInt(Math.round(value * 1e9));
  const readout = Math.max(
    ...locations.map((one) => frameSeconds(rebSensorType(camera, rebByLocation(camera, one).reb))),
  );
  const started = trigger - seconds(EXPOSURE_SECONDS);
  const ended = trigger + seconds(readout);
  const event = (type: CameraEvent['type'], time: Tai, fields: CameraEvent['fields'] = {}): CameraEvent => ({
    type,
    imageName: obsid,
    time: isoFromTai(time),
    fields,
  });
  const exposure = { exposureTime: EXPOSURE_SECONDS };
  const request = {
    imageType: 'OBJECT',
    testType: 'OBJECT',
    groupId: isoFromTai(started),
    program: 'SYNTHETIC',
    reason: 'synthetic',
  };
  const telemetry = {
    darkTime: EXPOSURE_SECONDS,
    measuredShutterOpenTime: EXPOSURE_SECONDS,
    imageTag: tagOfName(obsid),
  };
  return [
    event('startIntegration', started, { ...request, ...exposure, imageIndex: index + 1, imagesInSequence: count }),
    event('endIntegration', trigger),
    event('startReadout', trigger),
    event('endReadout', ended),
    event('endOfImageTelemetry', ended + seconds(0.3), { ...exposure, ...telemetry }),
  ];
}
