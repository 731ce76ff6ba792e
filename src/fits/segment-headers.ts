import { sensorTypeOf } from '../camera/geometry.js';
import { isoFromTai, utcIsoFromTai } from '../model/time.js';
import { encodeCards } from './card.js';
import type { FactValue, HeaderInput, SegmentHeaders } from './facts.js';
import { cardsOf, type Entry, sumEntry } from './lines.js';
import { createdInstant } from './primary-values.js';
import { type Resolved, resolveHeader } from './resolve.js';
import { CHECKSUM_HEADING, type KeywordRow } from './tables/rows.js';
import { COMPRESSED_STRUCTURE, IMAGE_STRUCTURE, SEGMENT } from './tables/segment.js';
import { wcsValues } from './wcs.js';

export interface ComposedSegment extends SegmentHeaders {
  readonly ignored: Resolved['ignored'];
}

/** Comments of the sums: as first written, or as updated by the compressing step with its time in UTC. */
export const SUM_COMMENTS = {
  checksum: 'checksum for the current HDU',
  datasum: 'checksum of the data records',
} as const;

export function updatedSumComments(input: HeaderInput): { checksum: string; datasum: string } {
  const utc = utcIsoFromTai(createdInstant(input));
  return { checksum: `HDU checksum updated ${utc}`, datasum: `data unit checksum updated ${utc}` };
}

/** What a file's SIMPLE card says of its writer. */
export function writerComment(input: HeaderInput): string {
  return `ccarchiver ${input.version}: ${isoFromTai(createdInstant(input))} TAI`;
}

/**
 * The header of one segment. Compressed, the cards of the table carry the sums of the image under Z names, at the
 * places and with the comments of the image's own, so that a decompressor restores `image` byte for byte.
 */
export function segmentHeaders(input: HeaderInput, index: number): ComposedSegment {
  const records = input.header.segments[index] ?? [];
  const { lines, ignored } = resolveHeader(SEGMENT, segmentValues(input, index), records, input.header.layout);
  const body = cardsOf(lines);
  const image = layOut(structureLines(IMAGE_STRUCTURE, imageStructure(input)), body, '');
  if (input.compression === 'none') return { cards: encodeCards(image), ignored };
  const table = layOut(structureLines(COMPRESSED_STRUCTURE, tableStructure(input)), body, 'Z');
  const { checksum, datasum } = updatedSumComments(input);
  const tableSums = cardsOf([sumEntry('CHECKSUM', checksum), sumEntry('DATASUM', datasum)]);
  return { cards: encodeCards([...table, ...tableSums]), image: encodeCards(image), ignored };
}

function layOut(structure: readonly Entry[], body: readonly string[], prefix: '' | 'Z'): string[] {
  const checksum = sumEntry(prefix === 'Z' ? 'ZHECKSUM' : 'CHECKSUM', SUM_COMMENTS.checksum);
  const datasum = sumEntry(`${prefix}DATASUM`, SUM_COMMENTS.datasum);
  return [...cardsOf([...structure, CHECKSUM_HEADING, checksum]), ...body, ...cardsOf([datasum])];
}

function structureLines(
  rows: readonly KeywordRow[],
  values: Readonly<Record<string, string | number | boolean>>,
): Entry[] {
  return rows.map(([keyword, type, comment]) => ({ keyword, type, value: values[keyword] ?? null, comment }));
}

function imageStructure(input: HeaderInput): Record<string, string | number | boolean> {
  const { columns, rows } = sensorTypeOf(input.camera, input.ccd);
  return { XTENSION: 'IMAGE', BITPIX: 32, NAXIS: 2, NAXIS1: columns, NAXIS2: rows, PCOUNT: 0, GCOUNT: 1 };
}

/** One tile per row; PCOUNT and the longest tile in TFORM1 are filled in when the tiles are there. */
function tableStructure(input: HeaderInput): Record<string, string | number | boolean> {
  const { columns, rows } = sensorTypeOf(input.camera, input.ccd);
  const table = { XTENSION: 'BINTABLE', BITPIX: 8, NAXIS: 2, NAXIS1: 8, NAXIS2: rows, PCOUNT: 0, GCOUNT: 1 };
  const column = { TFIELDS: 1, TTYPE1: 'COMPRESSED_DATA', TFORM1: '1PB(0)' };
  const tiles = { ZIMAGE: true, ZTILE1: columns, ZTILE2: 1, ZCMPTYPE: 'RICE_1' };
  const rice = { ZNAME1: 'BLOCKSIZE', ZVAL1: 32, ZNAME2: 'BYTEPIX', ZVAL2: 4 };
  const image = { ZTENSION: 'IMAGE', ZBITPIX: 32, ZNAXIS: 2, ZNAXIS1: columns, ZNAXIS2: rows, ZPCOUNT: 0, ZGCOUNT: 1 };
  return { ...table, ...column, ...tiles, ...rice, ...image };
}

function segmentValues(input: HeaderInput, index: number): Map<string, FactValue> {
  const type = sensorTypeOf(input.camera, input.ccd);
  const segment = type.segments[index];
  if (segment === undefined) throw new RangeError(`sensor type ${input.ccd.type} has no segment ${index}`);
  return new Map<string, FactValue>([
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
    ...wcsValues({ camera: input.camera, raft: input.raft, ccd: input.ccd, segment }),
    ['BSCALE', 1],
    ['BZERO', 0],
    ['INHERIT', true],
  ]);
}
