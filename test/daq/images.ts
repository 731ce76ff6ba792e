import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import {
  readoutOf,
  readoutRegisters,
  rebByLocation,
  rebSensorType,
  smallGeometry,
  sourceLayout,
  sourceLength,
} from '../../src/camera/geometry.js';
import { loadCamera } from '../../src/camera/load.js';
import type { Camera } from '../../src/camera/types.js';
import { tagOfName } from '../../src/daq/capture/names.js';
import { CaptureWriter } from '../../src/daq/capture/writer.js';
import type { DaqSourceInfo, DaqVersion, ImageDescription } from '../../src/daq/port.js';

/** ComCam with sensors small enough for tests, yet each source spans several DAQ pages. */
export const SMALL_CAMERA: Camera = smallGeometry(loadCamera('comcam'), { columns: 64, rows: 100 });
export const LOCATIONS = ['22/0', '22/1', '22/2'];
export const FIRST_IMAGE = 'CC_S_20261121_000001';
export const SECOND_IMAGE = 'CC_S_20261121_000002';

export interface TestImage {
  readonly description: ImageDescription;
  readonly packed: ReadonlyMap<string, Buffer>;
}

const VERSION: DaqVersion = { tag: 'R5-V11.3', buildTimeNs: '1726498981000000000', hash: '10c5a519', dirty: false };

/** An image whose words are pseudo-random, the same for the same name. */
export function testImage(name: string, camera = SMALL_CAMERA, locations: readonly string[] = LOCATIONS): TestImage {
  const sources = locations.map((location): DaqSourceInfo => {
    const { reb } = rebByLocation(camera, location);
    return {
      location,
      expectedBytes: sourceLength(sourceLayout(camera, location)),
      sensorType: readoutOf(camera, reb).sensorType,
      firmware: '31395007',
      serial: reb.serial ?? '0',
      platform: 'comcam',
      version: VERSION,
      registers: readoutRegisters(rebSensorType(camera, reb)),
    };
  });
  const seconds = 1_795_262_400 + Number(name.slice(-6));
  const image = {
    tag: tagOfName(name),
    name,
    folder: 'raw',
    annotation: 'a test',
    triggerNs: `${seconds}000000123`,
    opcode: 7,
    version: VERSION,
    locations,
  };
  const events = [{ type: 'endReadout' as const, imageName: name, time: '2026-11-21T00:00:03.000', fields: {} }];
  const conditions = { '*': { DAQPART: 'emu' }, '22/0': { TEMP1: 21.5, HVBIAS: 'ON' } };
  const packed = new Map(
    sources.map((one) => [one.location, pseudoRandom(`${name} ${one.location}`, one.expectedBytes)]),
  );
  return { description: { image, sources, events, conditions, absent: [] }, packed };
}

/** Writes images as captures into a folder. */
export async function writeStore(folder: string, images: readonly TestImage[], camera = SMALL_CAMERA): Promise<void> {
  for (const { description, packed } of images) {
    const writer = new CaptureWriter(folder, camera, description.image.name);
    for (const [location, bytes] of packed) await writeFile(await writer.stream(location), bytes);
    const sources = description.sources.map((source) => {
      const bytes = packed.get(source.location) ?? Buffer.alloc(0);
      return { ...source, bytes: bytes.length, crc32: crc32(bytes) };
    });
    await writer.publish({ ...description, camera: camera.name, sources });
  }
}

function pseudoRandom(seed: string, bytes: number): Buffer {
  return createHash('shake256', { outputLength: bytes }).update(seed).digest();
}
