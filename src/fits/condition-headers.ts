import { encodeCards } from './card.js';
import type { ConditionFacts } from './facts.js';
import { cardsOf, type Line, sumEntry } from './lines.js';
import { resolveHeader } from './resolve.js';
import { SUM_COMMENTS } from './segment-headers.js';
import { CONFIG_COND, REB_COND } from './tables/conditions.js';
import { CHECKSUM_HEADING, type KeywordRow } from './tables/rows.js';

const TABLES = { REB_COND, CONFIG_COND } as const;

const STRUCTURE: readonly [string, number, string][] = [
  ['BITPIX', 8, 'bits per data value'],
  ['NAXIS', 2, 'number of axes'],
  ['NAXIS1', 0, "size of the n'th axis"],
  ['NAXIS2', 0, "size of the n'th axis"],
  ['PCOUNT', 0, 'Required value'],
  ['GCOUNT', 1, 'Required value'],
  ['TFIELDS', 0, 'Number of table fields'],
];

/**
 * One of the two closing HDUs: a binary table without columns or rows whose header holds the values. Not yet sealed.
 */
export function conditionHeader(name: keyof typeof TABLES, conditions: ConditionFacts): Uint8Array {
  const rows: readonly KeywordRow[] = TABLES[name];
  const own = new Map(rows.map(([keyword]) => [keyword, conditions[keyword] ?? null]));
  const lines: Line[] = [
    { keyword: 'XTENSION', type: 'S', value: 'BINTABLE', comment: 'marks beginning of new HDU' },
    ...STRUCTURE.map(([keyword, value, comment]): Line => ({ keyword, type: 'I', value, comment })),
    CHECKSUM_HEADING,
    sumEntry('CHECKSUM', SUM_COMMENTS.checksum),
    { keyword: 'EXTNAME', type: 'S', value: name, comment: 'Name of the extension' },
    ...resolveHeader(rows, own, [], 'sections').lines,
    sumEntry('DATASUM', SUM_COMMENTS.datasum),
  ];
  return encodeCards(cardsOf(lines));
}
