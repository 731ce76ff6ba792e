import type { IgnoredRecord, MergedHeader, SectionRecord } from '../model/header-package.js';
import { type CardValue, encodeCards, fittingString, isValueKeyword } from './card.js';
import { coerce, guessType } from './coerce.js';
import type { FactValue } from './facts.js';
import type { KeywordTable, Row } from './keyword-table.js';
import { cardsOf, type Entry, entry, heading, isHeading, type Line } from './lines.js';
import type { ValueSource } from './tables/rows.js';
import { isForbidden, isGeometry, isStructural, mayNotBeUndefined } from './tables/rules.js';

/** What this program says of a header's keywords; a keyword that is not there is unknown. */
export type OwnValues = Pick<ReadonlyMap<string, FactValue>, 'get'>;

/** What the header package says of one HDU. */
export interface PackageRecords {
  readonly records: readonly SectionRecord[];
  readonly layout: MergedHeader['layout'];
}

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
export function resolveHeader(table: KeywordTable, own: OwnValues, theirs: PackageRecords): Resolved {
  const resolver = new Resolver(table, theirs);
  resolver.addRows(own);
  resolver.addExtras();
  return resolver;
}

/**
 * Rows that this program alone fills (sources geometry and structure), with values that do not depend on the image: a package can only differ from
 * them, and add to them.
 */
export class FixedRows {
  readonly cards: Uint8Array;
  /** By place in the table. */
  private readonly values: readonly CardValue[];

  constructor(
    private readonly table: KeywordTable,
    own: OwnValues,
  ) {
    this.cards = encodeCards(cardsOf(resolveHeader(table, own, { records: [], layout: 'sections' }).lines));
    this.values = table.lines.map((line) =>
      isHeading(line) ? null : (coerce(line.type, own.get(line.keyword) ?? null) ?? null),
    );
  }

  /** Its lines follow after the rows. */
  resolve(theirs: PackageRecords): Resolved {
    const resolver = new Resolver(this.table, theirs);
    resolver.compareRows(this.values);
    resolver.addExtras();
    return resolver;
  }
}

class Resolver implements Resolved {
  readonly lines: Line[] = [];
  readonly omitted: string[] = [];
  readonly ignored: IgnoredRecord[] = [];
  /** Records of the table's keywords by their place in it, the last one of each. */
  private readonly known: SectionRecord[] = [];
  /** All others, and headings. */
  private readonly extras: SectionRecord[] = [];

  constructor(
    private readonly table: KeywordTable,
    private readonly theirs: PackageRecords,
  ) {
    for (const record of theirs.records) {
      const place = record.keyword === null ? undefined : table.placeSpelt(record.keyword);
      if (place === undefined) this.extras.push(record);
      else this.known[place] = record;
    }
  }

  addRows(own: OwnValues): void {
    this.table.lines.forEach((line, place) => {
      if (isHeading(line)) this.lines.push(line);
      else this.addRow(line, own.get(line.keyword) ?? null, this.known[place]);
    });
  }

  /** @param values by place in the table */
  compareRows(values: readonly CardValue[]): void {
    this.known.forEach((record, place) => {
      this.reportDifference(this.table.lines[place] as Row, values[place] ?? null, record);
    });
  }

  /** A heading of the package is written only above a keyword that is written. */
  addExtras(): void {
    let above: string | null = null;
    for (const record of this.extras) {
      if (record.keyword === null) {
        above = record.comment;
        continue;
      }
      const entry = this.extraEntry(record.keyword, record);
      if (entry === null) continue;
      if (above !== null) this.lines.push(heading(above));
      above = null;
      if (entry.value === null && mayNotBeUndefined(entry.form.keyword)) this.omitted.push(entry.form.keyword);
      else this.lines.push(entry);
    }
  }

  private addRow(row: Row, own: FactValue, theirs: SectionRecord | undefined): void {
    const value = this.valueOf(row, own, theirs);
    if (value !== null || !(row.isOptional || row.needsValue)) this.lines.push({ form: row.form, value });
    else if (!row.isOptional) this.omitted.push(row.keyword);
  }

  private valueOf(row: Row, own: FactValue, theirs: SectionRecord | undefined): CardValue {
    const { source, isOptional } = row;
    const ours = this.ownValue(row, own);
    if (source === 'service') return (theirs && this.theirValue(row, theirs)) ?? ours;
    if (theirs === undefined) return ours;
    if (ours === null && !isOptional && FILLABLE[this.theirs.layout].has(source)) return this.theirValue(row, theirs);
    this.reportDifference(row, ours, theirs);
    return ours;
  }

  private ownValue({ keyword, type }: Row, own: FactValue): CardValue {
    const value = coerce(type, own);
    if (value === undefined) this.ignore('facts', keyword, 'value', String(own));
    return value ?? null;
  }

  private theirValue({ keyword, type }: Pick<Row, 'keyword' | 'type'>, record: SectionRecord): CardValue {
    const value = coerce(type, record.value?.text ?? null);
    if (value === undefined) this.ignore(record.section, keyword, 'value', record.value?.text ?? '');
    if (typeof value === 'string' && fittingString(value) !== value) {
      this.ignore(record.section, keyword, 'truncated', value);
    }
    return value ?? null;
  }

  private reportDifference({ keyword, type, source }: Row, ours: CardValue, record: SectionRecord): void {
    if (record.value === null || record.value.text === ours || coerce(type, record.value.text) === ours) return;
    this.ignore(record.section, keyword, source === 'geometry' ? 'geometry' : 'superseded', record.value.text);
  }

  private extraEntry(keyword: string, record: SectionRecord): Entry | null {
    const reason = this.refusal(keyword);
    if (reason !== null) {
      if (record.value !== null && !isStructural(keyword))
        this.ignore(record.section, keyword, reason, record.value.text);
      return null;
    }
    const type = record.value === null ? 'S' : guessType(record.value);
    const value = this.theirValue({ keyword, type }, record);
    const extra = entry(keyword, type, value, record.comment.replace(/\p{Cc}/gu, '?'));
    if (fitsOnCard(extra)) return extra;
    this.ignore(record.section, keyword, 'value', record.value?.text ?? '');
    return null;
  }

  private refusal(keyword: string): IgnoredRecord['reason'] | null {
    if (isForbidden(keyword)) return 'forbidden';
    if (isGeometry(keyword)) return 'geometry';
    if (!isValueKeyword(keyword)) return 'keyword';
    return this.theirs.layout === 'common' ? 'foreign' : null;
  }

  private ignore(section: string, keyword: string, reason: IgnoredRecord['reason'], text: string): void {
    this.ignored.push({ section, keyword: keyword.slice(0, 80), reason, text: text.slice(0, 80) });
  }
}

/** A HIERARCH keyword may leave too little room for its value. */
function fitsOnCard({ form, value }: Entry): boolean {
  try {
    form.card(value);
    return true;
  } catch {
    return false;
  }
}
