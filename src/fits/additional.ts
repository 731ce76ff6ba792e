import type { IgnoredRecord } from '../model/header-package.js';
import { type CardType, isValueKeyword } from './card.js';
import type { FactValue } from './facts.js';
import type { KeywordTable } from './keyword-table.js';
import type { KeywordRow } from './tables/rows.js';
import { isForbidden, isGeometry } from './tables/rules.js';

export interface Additional {
  /** The table with rows for the additional keys after REASON. */
  readonly table: KeywordTable;
  readonly ignored: readonly IgnoredRecord[];
}

/**
 * Further keys of the exposure request, in their own block of the primary header; they may not replace a keyword that
 * is there.
 */
export function withAdditionalKeys(table: KeywordTable, keys: Readonly<Record<string, FactValue>>): Additional {
  const rows: KeywordRow[] = [];
  const ignored: IgnoredRecord[] = [];
  for (const [keyword, value] of Object.entries(keys)) {
    const reason = refusal(keyword, table);
    if (reason === null) rows.push([keyword, typeOf(value), '', 'exposure']);
    else ignored.push({ section: 'exposure', keyword: keyword.slice(0, 80), reason, text: String(value).slice(0, 80) });
  }
  return { table: rows.length === 0 ? table : table.withRowsAfter('REASON', rows), ignored };
}

function refusal(keyword: string, table: KeywordTable): IgnoredRecord['reason'] | null {
  // One word only: a HIERARCH keyword could leave no room for its value.
  if (!isValueKeyword(keyword) || keyword.length > 8 || keyword.includes(' ')) return 'keyword';
  if (isForbidden(keyword)) return 'forbidden';
  if (isGeometry(keyword)) return 'geometry';
  return table.placeOf(keyword) === undefined ? null : 'superseded';
}

function typeOf(value: FactValue): CardType {
  if (typeof value === 'boolean') return 'L';
  if (typeof value !== 'number') return 'S';
  return Number.isSafeInteger(value) ? 'I' : 'R';
}
