import { type Tai, utcIsoFromTai } from '../model/time.js';
import { headingCard } from './card.js';
import { type Entry, entry, type Heading } from './lines.js';

/** Comments of the sums as first written. */
export const SUM_COMMENTS = {
  checksum: 'checksum for the current HDU',
  datasum: 'checksum of the data records',
} as const;

/** The only heading without a blank card above it. */
export const CHECKSUM_HEADING: Heading = { cards: headingCard('---- Checksums ----') };

/** Comments of the sums as the compressing step updates them, with its time in UTC. */
export function updatedSumComments(created: Tai): { checksum: string; datasum: string } {
  const utc = utcIsoFromTai(created);
  return { checksum: `HDU checksum updated ${utc}`, datasum: `data unit checksum updated ${utc}` };
}

/** Where a header's own sums will stand, in fixed format: the sums are filled in place. */
export function sumEntry(keyword: string, comment: string): Entry {
  return entry(keyword, 'S', keyword.endsWith('DATASUM') ? '0' : '0'.repeat(16), comment);
}
