import type { SensorType } from '../../src/camera/types.js';

type CardValue = string | number | boolean;

/** Header cards of one HDU, padded to whole blocks. */
function header(cards: Readonly<Record<string, CardValue>>): Buffer {
  const lines = Object.entries(cards).map(([keyword, value]) => {
    const text =
      typeof value === 'string'
        ? `'${value.padEnd(8)}'`
        : (typeof value === 'boolean' ? (value ? 'T' : 'F') : String(value)).padStart(20);
    return `${keyword.padEnd(8)}= ${text}`.padEnd(80);
  });
  const text = [...lines, 'END'.padEnd(80)].join('');
  return Buffer.from(text.padEnd(Math.ceil(text.length / 2880) * 2880), 'latin1');
}

/** Pixels of a test CCD: value of a segment's pixel. */
export type PixelOf = (segment: number, index: number) => number;

export const RAMP: PixelOf = (segment, index) => (segment * 10_007 + index * 3) % 262_144;

/** A FITS file of one CCD: a primary header and one plain 32-bit image per segment, in FITS order unless `order` says otherwise. */
export function fitsOf(
  type: SensorType,
  primary: Readonly<Record<string, CardValue>>,
  options: { pixel?: PixelOf; columns?: number; names?: boolean; order?: readonly number[] } = {},
): Buffer {
  const { pixel = RAMP, columns = type.columns, names = true, order = type.segments.map((_, i) => i) } = options;
  const parts = [header({ SIMPLE: true, BITPIX: 8, NAXIS: 0, EXTEND: true, ...primary })];
  for (const segment of order) {
    const extname = names ? { EXTNAME: type.segments[segment]?.name ?? '' } : {};
    parts.push(
      header({
        XTENSION: 'IMAGE',
        BITPIX: 32,
        NAXIS: 2,
        NAXIS1: columns,
        NAXIS2: type.rows,
        PCOUNT: 0,
        GCOUNT: 1,
        ...extname,
      }),
    );
    const data = Buffer.alloc(Math.ceil((columns * type.rows * 4) / 2880) * 2880);
    for (let i = 0; i < columns * type.rows; i++) data.writeInt32BE(pixel(segment, i), i * 4);
    parts.push(data);
  }
  return Buffer.concat(parts);
}
