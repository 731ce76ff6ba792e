import type { CardType } from '../card.js';

/**
 * Who gives a keyword's value. structure, geometry, file, name: this program alone. time: this program from the
 * instants of the exposure. camera, daq, exposure, conditions: these facts, and the header package where they say
 * nothing. service: the header package.
 */
export type ValueSource =
  | 'structure'
  | 'geometry'
  | 'file'
  | 'name'
  | 'time'
  | 'camera'
  | 'daq'
  | 'exposure'
  | 'conditions'
  | 'service';

/**
 * An optional keyword has no card while it has no value; every other then stands undefined, or is left out when that
 * is not allowed.
 */
export type KeywordRow = readonly [
  keyword: string,
  type: CardType,
  comment: string,
  source: ValueSource,
  optional?: 'optional',
];

/** Headings follow a blank card. */
export interface HeadingRow {
  readonly heading: string;
}

export type TableRow = KeywordRow | HeadingRow;

export function isHeading(row: TableRow): row is HeadingRow {
  return 'heading' in row;
}
