import type { Segment, SensorType } from './types.js';

/** What a vendor and a sequencer fix; every table of a sensor type follows from it. */
export interface SensorFacts {
  readonly manufacturer: string;
  readonly model: string;
  readonly opFlags: number;
  readonly underCols: number;
  readonly readCols: number;
  readonly overCols: number;
  readonly readRows: number;
  readonly overRows: number;
  /** Which halves of the CCD this sensor has, in FITS order: 1 for C10...C17, 0 for C07...C00. */
  readonly halves: readonly (0 | 1)[];
  /** Serial direction of C0y on the CCD: -1 when its columns run backwards (ITL), +1 when forwards (E2V). C1y always runs backwards. */
  readonly lowerHalfDirection: 1 | -1;
  readonly raftOffset: readonly [number, number];
  readonly raftPitch: number;
  readonly pixelNs: number;
  readonly lineNs: number;
  readonly sequencer?: { readonly file: string; readonly checksum: string };
}

/** Amplifiers of one half of a CCD. */
const AMPLIFIERS = 8;
/** Serial overscan columns that trail the image and are left out of the pedestal. */
const PEDESTAL_SKIP = 5;

/**
 * All tables of a sensor type from its facts (Rubin raw format: segment regions, HDU order and DETSEC, multi-coordinate WCS, pixel assembly).
 * The same functions make the camera data files and a camera of small geometry.
 */
export function makeSensorType(facts: SensorFacts): SensorType {
  const { underCols, readCols, overCols, readRows, overRows } = facts;
  const columns = underCols + readCols + overCols;
  return {
    manufacturer: facts.manufacturer,
    model: facts.model,
    opFlags: facts.opFlags,
    columns,
    rows: readRows + overRows,
    underCols,
    readCols,
    overCols,
    readRows,
    overRows,
    pedestal: [underCols + readCols + PEDESTAL_SKIP, columns],
    datasec: section(underCols + 1, underCols + readCols, 1, readRows),
    detsize: section(1, AMPLIFIERS * readCols, 1, 2 * readRows),
    raftOffset: facts.raftOffset,
    raftPitch: facts.raftPitch,
    pixelNs: facts.pixelNs,
    lineNs: facts.lineNs,
    ...(facts.sequencer === undefined ? {} : { sequencer: facts.sequencer }),
    segments: facts.halves.flatMap((half) => halfSegments(facts, half)),
  };
}

/** DETSEC from DTV and DTM: detector = DTM * raw + DTV for the first and last imaging pixel of each axis. */
export function detectorSection(
  type: Pick<SensorType, 'underCols' | 'readCols' | 'readRows'>,
  dtv: readonly [number, number],
  dtm: readonly [number, number],
): string {
  const x = (column: number) => dtm[0] * column + dtv[0];
  const y = (row: number) => dtm[1] * row + dtv[1];
  return section(x(type.underCols + 1), x(type.underCols + type.readCols), y(1), y(type.readRows));
}

/** HDU order runs C10...C17 along one half and back C07...C00 along the other. */
function halfSegments(facts: SensorFacts, half: 0 | 1): Segment[] {
  const places = Array.from({ length: AMPLIFIERS }, (_, i) => (half === 1 ? i : AMPLIFIERS - 1 - i));
  return places.map((place) => segment(facts, half, place));
}

function segment(facts: SensorFacts, half: 0 | 1, place: number): Segment {
  const { underCols, readCols, readRows } = facts;
  const serial = half === 1 ? -1 : facts.lowerHalfDirection;
  const parallel = half === 1 ? 1 : -1;
  const dtm = [serial, parallel] as const;
  const dtv = [
    serial === -1 ? (place + 1) * readCols + underCols + 1 : place * readCols - underCols,
    half === 1 ? 0 : 2 * readRows + 1,
  ] as const;
  return {
    name: `Segment${half}${place}`,
    amplifier: `C${half}${place}`,
    detsec: detectorSection(facts, dtv, dtm),
    dtv,
    dtm,
    pcParallelSerial: [0, -parallel, serial, 0],
    pcSerialParallel: [serial, 0, 0, -parallel],
    crvalA: [half === 1 ? readRows + 1 : 0, serial === -1 ? underCols + readCols + 1 : -underCols],
    crvalC1: half === 1 ? 2 * readRows + 1 : 0,
    flipX: serial === -1,
    flipY: half === 1,
    assembled: [place * readCols, half === 1 && facts.halves.includes(0) ? readRows : 0],
  };
}

function section(x0: number, x1: number, y0: number, y1: number): string {
  return `[${x0}:${x1},${y0}:${y1}]`;
}
