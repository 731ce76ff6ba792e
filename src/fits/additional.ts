import type { IgnoredRecord } from '../model/header-package.js';
import { type CardType, isValueKeyword } from './card.js';
import type { FactValue } from './facts.js';
import { isHeading, type KeywordRow, type TableRow } from './tables/rows.js';
import { isForbidden, isGeometry } from './tables/rules.js';

export interface Additional {
  /** The table with rows for the additional keys after REASON. */
  readonly table: readonly TableRow[];
  readonly ignored: readonly IgnoredRecord[];
}

/**
 * Further keys of the exposure request, in their own block of the primary header; they may not replace a keyword that
 * is there.
 */
export function withAdditionalKeys(table: readonly TableRow[], keys: Readonly<Record<string, FactValue>>): Additional {
  const taken = new Set(table.flatMap((row) => (isHeading(row) ? [] : [row[0]])));
  const rows: KeywordRow[] = [];
  const ignored: IgnoredRecord[] = [];
  for (const [keyword, value] of Object.entries(keys)) {
    const reason = refusal(keyword, taken);
    if (reason === null) rows.push([keyword, typeOf(value), '', 'exposure']);
    else ignored.push({ section: 'exposure', keyword: keyword.slice(0, 80), reason, text: String(value).slice(0, 80) });
  }
  const after = table.findIndex((row) => !isHeading(row) && row[0] === 'REASON') + 1;
  return { table: [...table.slice(0, after), ...rows, ...table.slice(after)], ignored };
}

function refusal(keyword: string, taken: ReadonlySet<string>): IgnoredRecord['reason'] | null {
  // One word only: a HIERARCH keyword could leave no room for its value.
  if (!isValueKeyword(keyword) || keyword.length > 8 || keyword.includes(' ')) return 'keyword';
  if (isForbidden(keyword)) return 'forbidden';
  if (isGeometry(keyword)) return 'geometry';
  return taken.has(keyword) ? 'superseded' : null;
}

function typeOf(value: FactValue): CardType {
  if (typeof value === 'boolean') return 'L';
  if (typeof value !== 'number') return 'S';
  return Number.isSafeInteger(value) ? 'I' : 'R';
}
