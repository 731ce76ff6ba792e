import { ArchiverError } from '../model/errors.js';
import { kept } from './kept.js';
import type { Camera, Ccd, Raft, Reb } from './types.js';

/** One bit per possible board of the 5 x 5 raft grid: four 32-bit words, lowest index first. */
export type LocationSet = readonly [number, number, number, number];

const LOCATION = /^([0-4])([0-4])\/([0-2])$/;
const BOARDS = 4;
const BAYS = 25;

/**
 * Index of a DAQ location "RR/B": (5 * tens + ones) * 4 + board, so 22/0 is 48 (Rubin raw format: objects and addressing).
 * @throws ArchiverError LOCATION_UNKNOWN
 */
export function locationIndex(location: string): number {
  const match = LOCATION.exec(location);
  if (match === null) throw new ArchiverError('LOCATION_UNKNOWN', { location });
  const [, tens, ones, board] = match;
  return (5 * Number(tens) + Number(ones)) * BOARDS + Number(board);
}

/**
 * The inverse of locationIndex. Board 3 is the DAQ's wildcard and names no board.
 * @throws ArchiverError LOCATION_UNKNOWN
 */
export function locationAt(index: number): string {
  const board = index % BOARDS;
  const bay = (index - board) / BOARDS;
  if (!Number.isInteger(index) || index < 0 || bay >= BAYS || board === BOARDS - 1) {
    throw new ArchiverError('LOCATION_UNKNOWN', { location: `index ${index}` });
  }
  return `${Math.floor(bay / 5)}${bay % 5}/${board}`;
}

/** The words as ImageMetadata holds them; bit 31 of a word would be a wildcard, so they are never negative. @throws ArchiverError LOCATION_UNKNOWN */
export function locationSet(locations: readonly string[]): LocationSet {
  const words: [number, number, number, number] = [0, 0, 0, 0];
  for (const location of locations) {
    const index = locationIndex(location);
    const word = (index >>> 5) as 0 | 1 | 2 | 3;
    words[word] |= 1 << (index & 31);
  }
  return words;
}

/** Locations of a set in order of their index. @throws ArchiverError LOCATION_UNKNOWN for a bit that stands for no board. */
export function locationsOf(set: LocationSet): string[] {
  return set.flatMap((word, w) =>
    Array.from({ length: 32 }, (_, bit) => bit)
      .filter((bit) => ((word >>> bit) & 1) === 1)
      .map((bit) => locationAt(w * 32 + bit)),
  );
}

export interface RebPlace {
  readonly raft: Raft;
  readonly reb: Reb;
}

export interface CcdPlace extends RebPlace {
  readonly ccd: Ccd;
  /** Its index in reb.ccds, which is also its index in SourceLayout.ccds. */
  readonly index: number;
}

/** All boards of a camera, in the order of its data. */
export function allRebs(camera: Camera): RebPlace[] {
  return camera.rafts.flatMap((raft) => raft.rebs.map((reb) => ({ raft, reb })));
}

/** All CCDs of a camera, in the order of its data. */
export function allCcds(camera: Camera): CcdPlace[] {
  return allRebs(camera).flatMap(({ raft, reb }) => reb.ccds.map((ccd, index) => ({ raft, reb, ccd, index })));
}

/** The places of a camera by their names. */
interface Places {
  readonly byLocation: ReadonlyMap<string, RebPlace>;
  readonly byBoard: ReadonlyMap<string, RebPlace>;
  readonly bySlot: ReadonlyMap<string, CcdPlace>;
}

const placesOf = kept((camera: Camera): Places => {
  const rebs = allRebs(camera);
  return {
    byLocation: new Map(rebs.map((place) => [place.reb.location, place])),
    byBoard: new Map(rebs.map((place) => [`${place.raft.bay}_${place.reb.board}`, place])),
    bySlot: new Map(allCcds(camera).map((place) => [`${place.raft.bay}_${place.ccd.sensor}`, place])),
  };
});

/** @throws ArchiverError LOCATION_UNKNOWN */
export function rebByLocation(camera: Camera, location: string): RebPlace {
  return known(placesOf(camera).byLocation.get(location), location);
}

/** Board by its name in captures, e.g. rebByBoard(camera, 'R22', 'Reb0'). @throws ArchiverError LOCATION_UNKNOWN */
export function rebByBoard(camera: Camera, bay: string, board: string): RebPlace {
  const name = `${bay}_${board}`;
  return known(placesOf(camera).byBoard.get(name), name);
}

/** CCD by raft bay and slot, e.g. ccdBySlot(camera, 'R22', 'S11'). @throws ArchiverError LOCATION_UNKNOWN */
export function ccdBySlot(camera: Camera, bay: string, sensor: string): CcdPlace {
  const name = `${bay}_${sensor}`;
  return known(placesOf(camera).bySlot.get(name), name);
}

function known<T>(found: T | undefined, location: string): T {
  if (found === undefined) throw new ArchiverError('LOCATION_UNKNOWN', { location });
  return found;
}
