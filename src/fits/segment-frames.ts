import { sensorTypeOf } from '../camera/geometry.js';
import { kept } from '../camera/kept.js';
import type { Camera, Ccd, Raft, Segment, SensorType } from '../camera/types.js';
import { encodeCards } from './card.js';
import type { FactValue } from './facts.js';
import { KeywordTable } from './keyword-table.js';
import { cardsOf, entry } from './lines.js';
import { FixedRows } from './resolve.js';
import { CHECKSUM_HEADING, SUM_COMMENTS, sumEntry } from './sums.js';
import type { KeywordRow } from './tables/rows.js';
import { COMPRESSED_STRUCTURE, IMAGE_STRUCTURE, SEGMENT } from './tables/segment.js';
import { type CcdPlace, wcsValues } from './wcs.js';

/** What the headers of a CCD's segments are in every image. */
export interface SegmentFrames {
  /** Up to the checksum: of the image, and of the table that holds it compressed. */
  readonly imageHead: Uint8Array;
  readonly tableHead: Uint8Array;
  /** In FITS order: what follows in both. */
  readonly segments: readonly FixedRows[];
}

const SEGMENT_TABLE = KeywordTable.of(SEGMENT);

const framesOf = kept((camera: Camera) => kept((raft: Raft) => kept((ccd: Ccd) => makeFrames({ camera, raft, ccd }))));

export function segmentFrames({ camera, raft, ccd }: CcdPlace): SegmentFrames {
  return framesOf(camera)(raft)(ccd);
}

function makeFrames(place: CcdPlace): SegmentFrames {
  const type = sensorTypeOf(place.camera, place.ccd);
  const valuesOf = (segment: Segment, index: number) =>
    new Map([...detectorValues(type, segment, index), ...wcsValues(place, segment)]);
  return {
    imageHead: headCards(IMAGE_STRUCTURE, imageStructure(type), 'CHECKSUM'),
    tableHead: headCards(COMPRESSED_STRUCTURE, tableStructure(type), 'ZHECKSUM'),
    segments: type.segments.map((segment, index) => new FixedRows(SEGMENT_TABLE, valuesOf(segment, index))),
  };
}

type Structure = Readonly<Record<string, string | number | boolean>>;

function headCards(rows: readonly KeywordRow[], values: Structure, checksum: string): Uint8Array {
  const structure = rows.map(([keyword, type, comment]) => entry(keyword, type, values[keyword] ?? null, comment));
  return encodeCards(cardsOf([...structure, CHECKSUM_HEADING, sumEntry(checksum, SUM_COMMENTS.checksum)]));
}

function imageStructure({ columns, rows }: SensorType): Structure {
  return { XTENSION: 'IMAGE', BITPIX: 32, NAXIS: 2, NAXIS1: columns, NAXIS2: rows, PCOUNT: 0, GCOUNT: 1 };
}

/** One tile per row; PCOUNT and the longest tile in TFORM1 are filled in when the tiles are there. */
function tableStructure({ columns, rows }: SensorType): Structure {
  const table = { XTENSION: 'BINTABLE', BITPIX: 8, NAXIS: 2, NAXIS1: 8, NAXIS2: rows, PCOUNT: 0, GCOUNT: 1 };
  const column = { TFIELDS: 1, TTYPE1: 'COMPRESSED_DATA', TFORM1: '1PB(0)' };
  const tiles = { ZIMAGE: true, ZTILE1: columns, ZTILE2: 1, ZCMPTYPE: 'RICE_1' };
  const rice = { ZNAME1: 'BLOCKSIZE', ZVAL1: 32, ZNAME2: 'BYTEPIX', ZVAL2: 4 };
  const image = { ZTENSION: 'IMAGE', ZBITPIX: 32, ZNAXIS: 2, ZNAXIS1: columns, ZNAXIS2: rows, ZPCOUNT: 0, ZGCOUNT: 1 };
  return { ...table, ...column, ...tiles, ...rice, ...image };
}

function detectorValues(type: SensorType, segment: Segment, index: number): [string, FactValue][] {
  return [
    ['CHANNEL', index + 1],
    ['EXTNAME', segment.name],
    ['CCDSUM', '1 1'],
    ['DATASEC', type.datasec],
    ['DETSEC', segment.detsec],
    ['DETSIZE', type.detsize],
    ['DTV1', segment.dtv[0]],
    ['DTV2', segment.dtv[1]],
    ['DTM1_1', segment.dtm[0]],
    ['DTM2_2', segment.dtm[1]],
    ['DTM1_2', 0],
    ['DTM2_1', 0],
    ['BSCALE', 1],
    ['BZERO', 0],
    ['INHERIT', true],
  ];
}
