import { encodeCards } from './card.js';
import type { ConditionFacts } from './facts.js';
import { KeywordTable } from './keyword-table.js';
import { cardsOf, entry, type Line } from './lines.js';
import { type PackageRecords, resolveHeader } from './resolve.js';
import { CHECKSUM_HEADING, SUM_COMMENTS, sumEntry } from './sums.js';
import { CONFIG_COND, REB_COND } from './tables/conditions.js';

const TABLES = { REB_COND: KeywordTable.of(REB_COND), CONFIG_COND: KeywordTable.of(CONFIG_COND) } as const;
const NO_RECORDS: PackageRecords = { records: [], layout: 'sections' };

const STRUCTURE: readonly Line[] = [
  entry('XTENSION', 'S', 'BINTABLE', 'marks beginning of new HDU'),
  entry('BITPIX', 'I', 8, 'bits per data value'),
  entry('NAXIS', 'I', 2, 'number of axes'),
  entry('NAXIS1', 'I', 0, "size of the n'th axis"),
  entry('NAXIS2', 'I', 0, "size of the n'th axis"),
  entry('PCOUNT', 'I', 0, 'Required value'),
  entry('GCOUNT', 'I', 1, 'Required value'),
  entry('TFIELDS', 'I', 0, 'Number of table fields'),
  CHECKSUM_HEADING,
  sumEntry('CHECKSUM', SUM_COMMENTS.checksum),
];
const HEADS = { REB_COND: headOf('REB_COND'), CONFIG_COND: headOf('CONFIG_COND') } as const;
const [DATASUM = ''] = cardsOf([sumEntry('DATASUM', SUM_COMMENTS.datasum)]);

function headOf(name: keyof typeof TABLES): string {
  return cardsOf([...STRUCTURE, entry('EXTNAME', 'S', name, 'Name of the extension')]).join('');
}

/**
 * One of the two closing HDUs: a binary table without columns or rows whose header holds the values. Not yet sealed.
 */
export function conditionHeader(name: keyof typeof TABLES, conditions: ConditionFacts): Uint8Array {
  const own = { get: (keyword: string) => conditions[keyword] };
  const { lines } = resolveHeader(TABLES[name], own, NO_RECORDS);
  return encodeCards([HEADS[name], ...cardsOf(lines), DATASUM]);
}
