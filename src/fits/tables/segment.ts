import type { KeywordRow } from './rows.js';

/** Structure of the uncompressed image, comments of the camera's image writer. */
export const IMAGE_STRUCTURE: readonly KeywordRow[] = [
  ['XTENSION', 'S', 'marks beginning of new HDU', 'structure'],
  ['BITPIX', 'I', 'bits per data value', 'structure'],
  ['NAXIS', 'I', 'number of axis', 'structure'],
  ['NAXIS1', 'I', "size of the n'th axis", 'structure'],
  ['NAXIS2', 'I', "size of the n'th axis", 'structure'],
  ['PCOUNT', 'I', 'Required value', 'structure'],
  ['GCOUNT', 'I', 'Required value', 'structure'],
];

/** Structure of the compressed image (FITS standard 4.0, 10.1), comments of fpack. */
export const COMPRESSED_STRUCTURE: readonly KeywordRow[] = [
  ['XTENSION', 'S', 'binary table extension', 'structure'],
  ['BITPIX', 'I', '8-bit bytes', 'structure'],
  ['NAXIS', 'I', '2-dimensional binary table', 'structure'],
  ['NAXIS1', 'I', 'width of table in bytes', 'structure'],
  ['NAXIS2', 'I', 'number of rows in table', 'structure'],
  ['PCOUNT', 'I', 'size of special data area', 'structure'],
  ['GCOUNT', 'I', 'one data group (required keyword)', 'structure'],
  ['TFIELDS', 'I', 'number of fields in each row', 'structure'],
  ['TTYPE1', 'S', 'label for field   1', 'structure'],
  ['TFORM1', 'S', 'data format of field: variable length array', 'structure'],
  ['ZIMAGE', 'L', 'extension contains compressed image', 'structure'],
  ['ZTILE1', 'I', 'size of tiles to be compressed', 'structure'],
  ['ZTILE2', 'I', 'size of tiles to be compressed', 'structure'],
  ['ZCMPTYPE', 'S', 'compression algorithm', 'structure'],
  ['ZNAME1', 'S', 'compression block size', 'structure'],
  ['ZVAL1', 'I', 'pixels per block', 'structure'],
  ['ZNAME2', 'S', 'bytes per pixel (1, 2, 4, or 8)', 'structure'],
  ['ZVAL2', 'I', 'bytes per pixel (1, 2, 4, or 8)', 'structure'],
  ['ZTENSION', 'S', 'marks beginning of new HDU', 'structure'],
  ['ZBITPIX', 'I', 'bits per data value', 'structure'],
  ['ZNAXIS', 'I', 'number of axis', 'structure'],
  ['ZNAXIS1', 'I', "size of the n'th axis", 'structure'],
  ['ZNAXIS2', 'I', "size of the n'th axis", 'structure'],
  ['ZPCOUNT', 'I', 'Required value', 'structure'],
  ['ZGCOUNT', 'I', 'Required value', 'structure'],
];

const DETECTOR: readonly KeywordRow[] = [
  ['CHANNEL', 'I', '', 'geometry'],
  ['EXTNAME', 'S', '', 'geometry'],
  ['CCDSUM', 'S', '', 'geometry'],
  ['DATASEC', 'S', '', 'geometry'],
  ['DETSEC', 'S', '', 'geometry'],
  ['DETSIZE', 'S', '', 'geometry'],
  ['DTV1', 'I', 'detector transformation vector', 'geometry'],
  ['DTV2', 'I', 'detector transformation vector', 'geometry'],
  ['DTM1_1', 'R', 'detector transformation matrix', 'geometry'],
  ['DTM2_2', 'R', 'detector transformation matrix', 'geometry'],
  ['DTM1_2', 'R', 'detector transformation matrix', 'geometry'],
  ['DTM2_1', 'R', 'detector transformation matrix', 'geometry'],
];

/** The alternate coordinate systems of a segment in the order of their cards. */
export const WCS_SETS = [
  { letter: 'A', name: 'AMPLIFIER', axes: ['Seg_X', 'Seg_Y'], system: 'camera coordinate' },
  { letter: 'C', name: 'CCD', axes: ['CCD_X', 'CCD_Y'], system: 'camera coordinate' },
  { letter: 'R', name: 'RAFT', axes: ['RAFT_X', 'RAFT_Y'], system: 'camera coordinate' },
  { letter: 'F', name: 'FOCAL_PLANE', axes: ['FP_X', 'FP_Y'], system: 'camera coordinate' },
  { letter: 'E', name: 'FP_SERPAR', axes: ['FP_S', 'FP_P'], system: 'camera coordinate' },
  { letter: 'B', name: 'CCD_SERPAR', axes: ['CCD_S', 'CCD_P'], system: 'serial-parallel coordinate' },
  { letter: 'Q', name: 'RAFT_SERPAR', axes: ['RAFT_S', 'RAFT_P'], system: 'serial-parallel coordinate' },
] as const;

export type WcsLetter = (typeof WCS_SETS)[number]['letter'];

const wcsRows = (letter: WcsLetter, system: string): KeywordRow[] => [
  [`WCSNAME${letter}`, 'S', 'Name of coordinate system', 'geometry', 'optional'],
  [`CTYPE1${letter}`, 'S', `In the ${system} system`, 'geometry', 'optional'],
  [`CTYPE2${letter}`, 'S', `In the ${system} system`, 'geometry', 'optional'],
  ...['PC1_1', 'PC1_2', 'PC2_1', 'PC2_2', 'CDELT1', 'CDELT2', 'CRPIX1', 'CRPIX2', 'CRVAL1', 'CRVAL2'].map(
    (name): KeywordRow => [`${name}${letter}`, 'R', '', 'geometry', 'optional'],
  ),
];

/** What the image and its compressed form have in common, between the checksum heading and the sums. */
export const SEGMENT: readonly KeywordRow[] = [
  ...DETECTOR,
  ...WCS_SETS.flatMap((set) => wcsRows(set.letter, set.system)),
  ['BSCALE', 'R', '', 'structure'],
  ['BZERO', 'R', '', 'structure'],
  ['INHERIT', 'L', 'Extension inherits values from primary header', 'structure'],
];
