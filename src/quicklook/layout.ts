import type { Camera, Raft } from '../camera/types.js';
import { ccdSize } from './assemble.js';

/** A picture's size and where each CCD stands on it, in canvas pixels; corners are lower left. */
export interface Layout {
  readonly bin: number;
  readonly width: number;
  readonly height: number;
  readonly corners: ReadonlyMap<string, readonly [x: number, y: number]>;
}

interface Box {
  readonly sensor: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Longest side of a picture when nobody asks for a bin, in pixels. */
const SIDE = 1600;
const SCIENCE_SLOT = /^S([0-2])([0-2])$/;

/**
 * Places the named CCDs of a raft as they stand in the focal plane, seen as obs_lsst shows it: S00 at the lower left, the first digit of a slot counts
 * rows upwards and the second columns to the right. CCDs of corner rafts, whose slots are no grid, stand in a row.
 * @param bin pixels per canvas pixel and side; undefined for one that makes the longest side about 1600
 */
export function layOut(camera: Camera, raft: Raft, sensors: readonly string[], bin?: number): Layout {
  const boxes = raft.rebs
    .flatMap((reb) => reb.ccds)
    .filter(({ sensor }) => sensors.includes(sensor))
    .map((ccd, index) => boxOf(camera, ccd, index));
  const left = Math.min(...boxes.map(({ x }) => x));
  const bottom = Math.min(...boxes.map(({ y }) => y));
  const width = Math.max(...boxes.map((box) => box.x + box.width)) - left;
  const height = Math.max(...boxes.map((box) => box.y + box.height)) - bottom;
  const factor = bin ?? Math.max(1, Math.ceil(Math.max(width, height) / SIDE));
  const corner = (box: Box) => [Math.floor((box.x - left) / factor), Math.floor((box.y - bottom) / factor)] as const;
  return {
    bin: factor,
    width: Math.max(...boxes.map((box) => corner(box)[0] + Math.ceil(box.width / factor))),
    height: Math.max(...boxes.map((box) => corner(box)[1] + Math.ceil(box.height / factor))),
    corners: new Map(boxes.map((box) => [box.sensor, corner(box)])),
  };
}

function boxOf(camera: Camera, ccd: { readonly sensor: string; readonly type: string }, index: number): Box {
  const type = camera.sensorTypes[ccd.type];
  if (type === undefined) throw new RangeError(`camera ${camera.name} has no sensor type ${ccd.type}`);
  const [, row, column] = SCIENCE_SLOT.exec(ccd.sensor) ?? ['', '0', String(index)];
  return {
    sensor: ccd.sensor,
    x: Number(column) * type.raftPitch,
    y: Number(row) * type.raftPitch,
    ...ccdSize(type),
  };
}
