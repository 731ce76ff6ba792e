import { sensorTypeOf } from '../camera/geometry.js';
import type { Camera, Ccd, Raft, Segment } from '../camera/types.js';
import type { FactValue } from './facts.js';
import { WCS_SETS, type WcsLetter } from './tables/segment.js';

type Pair = readonly [number, number];

/** Pixels from one raft bay to the next in the focal plane. */
const RAFT_PITCH = 12_700;

export interface CcdPlace {
  readonly camera: Camera;
  readonly raft: Raft;
  readonly ccd: Ccd;
}

/**
 * The cards of a segment's seven alternate coordinate systems (Rubin raw format: multi-coordinate WCS). A, C, R, F
 * have the axes (parallel, serial) of segment, CCD, raft and focal plane; E, B, Q the same frames as (serial,
 * parallel). Sensors of corner rafts have no place in the grid of science sensors, so they get A, C and B only.
 */
export function wcsValues(place: CcdPlace, segment: Segment): [string, FactValue][] {
  const origins = originsOf(place, segment);
  return WCS_SETS.flatMap(({ letter, name, axes }) => {
    const origin = origins[letter];
    if (origin === null) return [];
    const parallelFirst = 'ACRF'.includes(letter);
    const pc = parallelFirst ? segment.pcParallelSerial : segment.pcSerialParallel;
    return setValues(letter, name, axes, pc, origin);
  });
}

function setValues(
  letter: WcsLetter,
  name: string,
  axes: readonly [string, string],
  pc: readonly [number, number, number, number],
  origin: Pair,
): [string, FactValue][] {
  const values: Record<string, FactValue> = {
    WCSNAME: name,
    CTYPE1: axes[0],
    CTYPE2: axes[1],
    PC1_1: pc[0],
    PC1_2: pc[1],
    PC2_1: pc[2],
    PC2_2: pc[3],
    CDELT1: 1,
    CDELT2: 1,
    CRPIX1: 0,
    CRPIX2: 0,
    CRVAL1: origin[0],
    CRVAL2: origin[1],
  };
  return Object.entries(values).map(([keyword, value]) => [`${keyword}${letter}`, value]);
}

/** CRVAL1 and CRVAL2 of each system. */
function originsOf({ camera, raft, ccd }: CcdPlace, segment: Segment): Readonly<Record<WcsLetter, Pair | null>> {
  const type = sensorTypeOf(camera, ccd);
  const inCcd: Pair = [segment.crvalC1, segment.dtv[0]];
  const slot = digitsOf(/^S(\d)(\d)$/.exec(ccd.sensor));
  const bay = raft.grid ?? digitsOf(/^R(\d)(\d)$/.exec(raft.bay));
  const inRaft = slot && add(add(inCcd, type.raftOffset), scale(slot, type.raftPitch));
  const inFocalPlane = inRaft && bay && add(inRaft, scale(bay, RAFT_PITCH));
  return {
    A: segment.crvalA,
    C: inCcd,
    R: inRaft,
    F: inFocalPlane,
    E: inFocalPlane && swap(inFocalPlane),
    B: swap(inCcd),
    Q: inRaft && swap(inRaft),
  };
}

const add = (a: Pair, b: Pair): Pair => [a[0] + b[0], a[1] + b[1]];
const swap = (pair: Pair): Pair => [pair[1], pair[0]];
const scale = (pair: Pair, by: number): Pair => [pair[0] * by, pair[1] * by];
const digitsOf = (match: RegExpExecArray | null): Pair | null => match && [Number(match[1]), Number(match[2])];
