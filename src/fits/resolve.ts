import type { IgnoredRecord, MergedHeader, SectionRecord } from '../model/header-package.js';
import { type CardValue, fittingString, isValueKeyword, valueCard } from './card.js';
import { coerce, guessType } from './coerce.js';
import type { FactValue } from './facts.js';
import type { Entry, Line } from './lines.js';
import { isHeading, type KeywordRow, type TableRow, type ValueSource } from './tables/rows.js';
import { currentName, isForbidden, isGeometry, isStructural, mayNotBeUndefined } from './tables/rules.js';

/** What this program says of a header's keywords; a keyword that is not there is unknown. */
export type OwnValues = ReadonlyMap<string, FactValue>;

export interface Resolved {
  readonly lines: readonly Line[];
  /** Keywords without value that may not stand undefined. */
  readonly omitted: readonly string[];
  readonly ignored: readonly IgnoredRecord[];
}

/** Sources whose gaps the header package may fill; a playback file only those that do not depend on the CCD. */
const FILLABLE: Readonly<Record<MergedHeader['layout'], ReadonlySet<ValueSource>>> = {
  sections: new Set<ValueSource>(['camera', 'daq', 'exposure', 'conditions']),
  common: new Set<ValueSource>(['exposure']),
};

/**
 * Merges one header: each row of its table gets its value, keyword by keyword, from this program or the package by
 * the row's source; then the package's further keywords follow in its order, under its headings.
 */
export function resolveHeader(
  table: readonly TableRow[],
  own: OwnValues,
  records: readonly SectionRecord[],
  layout: MergedHeader['layout'],
): Resolved {
  const resolver = new Resolver(own, records, layout);
  for (const row of table) resolver.addRow(row);
  resolver.addExtras(records);
  return resolver;
}

class Resolver implements Resolved {
  readonly lines: Line[] = [];
  readonly omitted: string[] = [];
  readonly ignored: IgnoredRecord[] = [];
  private readonly known = new Set<string>();
  private readonly theirs: ReadonlyMap<string, SectionRecord>;

  constructor(
    private readonly own: OwnValues,
    records: readonly SectionRecord[],
    private readonly layout: MergedHeader['layout'],
  ) {
    this.theirs = new Map(
      records.flatMap((record) => (record.keyword === null ? [] : [[currentName(record.keyword), record]])),
    );
  }

  addRow(row: TableRow): void {
    if (isHeading(row)) {
      this.lines.push(row);
      return;
    }
    const [keyword, type, comment, , optional] = row;
    this.known.add(keyword);
    const value = this.valueOf(row);
    if (value === null && optional) return;
    this.addEntry({ keyword, type, value, comment });
  }

  /** A heading of the package is written only above a keyword that is written. */
  addExtras(records: readonly SectionRecord[]): void {
    let heading: Line | null = null;
    for (const record of records) {
      if (record.keyword === null) {
        heading = { heading: record.comment };
        continue;
      }
      const entry = this.known.has(currentName(record.keyword)) ? null : this.extraEntry(record);
      if (entry === null) continue;
      if (heading !== null) this.lines.push(heading);
      heading = null;
      this.addEntry(entry);
    }
  }

  private addEntry(entry: Entry): void {
    if (entry.value === null && mayNotBeUndefined(entry.keyword)) this.omitted.push(entry.keyword);
    else this.lines.push(entry);
  }

  private valueOf(row: KeywordRow): CardValue {
    const [keyword, , , source, optional] = row;
    const theirs = this.theirs.get(keyword);
    const ours = this.ownValue(row);
    if (source === 'service') return (theirs && this.theirValue(row, theirs)) ?? ours;
    if (theirs === undefined) return ours;
    if (ours === null && !optional && FILLABLE[this.layout].has(source)) return this.theirValue(row, theirs);
    this.reportDifference(row, ours, theirs);
    return ours;
  }

  private ownValue([keyword, type]: KeywordRow): CardValue {
    const raw = this.own.get(keyword) ?? null;
    const value = coerce(type, raw);
    if (value === undefined) this.ignore('facts', keyword, 'value', String(raw));
    return value ?? null;
  }

  private theirValue([keyword, type]: KeywordRow, record: SectionRecord): CardValue {
    const value = coerce(type, record.value?.text ?? null);
    if (value === undefined) this.ignore(record.section, keyword, 'value', record.value?.text ?? '');
    if (typeof value === 'string' && fittingString(value) !== value) {
      this.ignore(record.section, keyword, 'truncated', value);
    }
    return value ?? null;
  }

  private reportDifference([keyword, type, , source]: KeywordRow, ours: CardValue, record: SectionRecord): void {
    if (record.value === null || coerce(type, record.value.text) === ours) return;
    this.ignore(record.section, keyword, source === 'geometry' ? 'geometry' : 'superseded', record.value.text);
  }

  private extraEntry(record: SectionRecord): Entry | null {
    const keyword = record.keyword ?? '';
    const reason = this.refusal(keyword);
    if (reason !== null) {
      if (record.value !== null && !isStructural(keyword))
        this.ignore(record.section, keyword, reason, record.value.text);
      return null;
    }
    const type = record.value === null ? 'S' : guessType(record.value);
    const comment = record.comment.replace(/\p{Cc}/gu, '?');
    const entry = { keyword, type, value: this.theirValue([keyword, type, comment, 'service'], record), comment };
    if (fitsOnCard(entry)) return entry;
    this.ignore(record.section, keyword, 'value', record.value?.text ?? '');
    return null;
  }

  private refusal(keyword: string): IgnoredRecord['reason'] | null {
    if (isForbidden(keyword)) return 'forbidden';
    if (isGeometry(keyword)) return 'geometry';
    if (!isValueKeyword(keyword)) return 'keyword';
    return this.layout === 'common' ? 'foreign' : null;
  }

  private ignore(section: string, keyword: string, reason: IgnoredRecord['reason'], text: string): void {
    this.ignored.push({ section, keyword: keyword.slice(0, 80), reason, text: text.slice(0, 80) });
  }
}

/** A HIERARCH keyword may leave too little room for its value. */
function fitsOnCard(entry: Entry): boolean {
  try {
    valueCard(entry.keyword, entry.type, entry.value, entry.comment);
    return true;
  } catch {
    return false;
  }
}
