/**
 * Everything that the rest of the program asks of a camera's geometry; its parts (locations, registers, crosstalk) are reached through this file.
 */
import { ArchiverError } from '../model/errors.js';
import type { CcdLayout, SourceLayout } from '../native/layout.js';
import { aduCoefficients, crosstalkOf } from './crosstalk.js';
import { kept } from './kept.js';
import { rebByLocation } from './locations.js';
import { makeSensorType } from './segments.js';
import type { Camera, Ccd, Reb, SensorType } from './types.js';

export * from './crosstalk.js';
export * from './locations.js';
export * from './registers.js';

/** Bytes of one 36-byte group: 16 channels of 18 bits. */
const GROUP_BYTES = 36;

const layoutOf = {
  plain: kept((camera: Camera) => kept((reb: Reb) => rebLayout(camera, reb, false))),
  corrected: kept((camera: Camera) => kept((reb: Reb) => rebLayout(camera, reb, true))),
} as const;

/**
 * How the addon is to read one REB's stream; the same object for the same REB. All CCDs of a REB have one geometry; the schema guards it.
 * With `corrected`, CCDs whose coefficients are known get them in adu; without it, and for the others, no CCD has any.
 * @throws ArchiverError LOCATION_UNKNOWN
 */
export function sourceLayout(
  camera: Camera,
  location: string,
  { corrected = false }: { readonly corrected?: boolean } = {},
): SourceLayout {
  return layoutOf[corrected ? 'corrected' : 'plain'](camera)(rebByLocation(camera, location).reb);
}

function rebLayout(camera: Camera, reb: Reb, corrected: boolean): SourceLayout {
  const type = rebSensorType(camera, reb);
  const { groups, xor } = readoutOf(camera, reb);
  const ccds = reb.ccds.map((ccd, index) => ccdLayout(camera, reb, index, corrected ? ccd : null));
  return { groups, columns: type.columns, rows: type.rows, xor, pedestal: type.pedestal, ccds };
}

function ccdLayout(camera: Camera, reb: Reb, index: number, corrected: Ccd | null): CcdLayout {
  const readout = readoutOf(camera, reb);
  const crosstalk = corrected === null ? null : crosstalkOf(camera, corrected);
  return {
    group: defined(readout.group[index]),
    channels: defined(readout.channels[index]),
    ...(crosstalk === null ? {} : { crosstalk: aduCoefficients(crosstalk) }),
  };
}

/** Bytes of a complete source: columns * rows samples of `groups` 36-byte groups, with nothing around them. */
export function sourceLength(layout: Pick<SourceLayout, 'columns' | 'rows' | 'groups'>): number {
  return layout.columns * layout.rows * layout.groups * GROUP_BYTES;
}

/** The sensor type of a CCD. */
export function sensorTypeOf(camera: Camera, ccd: Ccd): SensorType {
  return defined(camera.sensorTypes[ccd.type]);
}

/** The sensor type that stands for a whole REB: registers, size and pedestal are those of all its CCDs. */
export function rebSensorType(camera: Camera, reb: Reb): SensorType {
  return sensorTypeOf(camera, defined(reb.ccds[0]));
}

/** How a REB streams its CCDs. */
export function readoutOf(camera: Camera, reb: Reb): Camera['readouts'][string] {
  return defined(camera.readouts[reb.readout]);
}

/** Seconds that a frame of this type takes to read out. */
export function frameSeconds(type: SensorType): number {
  return type.rows * (type.columns * type.pixelNs + type.lineNs) * 1e-9;
}

/** Serial and parallel overscan of a small geometry. */
const SMALL_OVER_COLS = 16;
const SMALL_OVER_ROWS = 4;

/**
 * The same camera with smaller sensors: prescan as it is, 16 overscan columns, 4 overscan rows, and every table made anew by the functions that made
 * the real ones. For trials and tests that need the whole path at a fraction of the bytes.
 * @throws ArchiverError CAMERA_DATA_INVALID when no imaging pixel would be left.
 */
export function smallGeometry(camera: Camera, size: { readonly columns: number; readonly rows: number }): Camera {
  const sensorTypes = Object.fromEntries(
    Object.entries(camera.sensorTypes).map(([key, type]) => [key, smallType(camera.name, type, size)]),
  );
  return { ...camera, sensorTypes };
}

function smallType(name: string, type: SensorType, size: { columns: number; rows: number }): SensorType {
  const readCols = size.columns - type.underCols - SMALL_OVER_COLS;
  const readRows = size.rows - SMALL_OVER_ROWS;
  if (!Number.isInteger(readCols) || !Number.isInteger(readRows) || readCols < 1 || readRows < 1) {
    const problem = `${size.columns} x ${size.rows} leaves no imaging pixels`;
    throw new ArchiverError('CAMERA_DATA_INVALID', { file: name, problem });
  }
  const boxes = { readCols, overCols: SMALL_OVER_COLS, readRows, overRows: SMALL_OVER_ROWS };
  return makeSensorType({ ...type, ...boxes, halves: halves(type), lowerHalfDirection: lowerHalfDirection(type) });
}

function halves(type: SensorType): (0 | 1)[] {
  return [...new Set(type.segments.map(({ dtm }): 0 | 1 => (dtm[1] === 1 ? 1 : 0)))];
}

function lowerHalfDirection(type: SensorType): 1 | -1 {
  return type.segments.some(({ dtm }) => dtm[0] === 1) ? 1 : -1;
}

/** The schema has proved that every key and index of a camera leads somewhere. */
function defined<T>(value: T | undefined): T {
  if (value === undefined) throw new ArchiverError('INTERNAL', { problem: 'camera data was not validated' });
  return value;
}
