import { CardForm, type CardType } from './card.js';
import { type Heading, heading, isHeading } from './lines.js';
import { isHeading as isHeadingRow, type KeywordRow, type TableRow, type ValueSource } from './tables/rows.js';
import { mayNotBeUndefined, RENAMED } from './tables/rules.js';

/** A row of a keyword table, ready for use. */
export interface Row {
  readonly keyword: string;
  readonly type: CardType;
  readonly form: CardForm;
  readonly source: ValueSource;
  /** It has no card while it has no value. */
  readonly isOptional: boolean;
  /** Without a value it is left out. */
  readonly needsValue: boolean;
}

/** A keyword table with all that follows from it alone: made once, used for every file. */
export class KeywordTable {
  private readonly places = new Map<string, number>();
  /** The same with the spellings of earlier years. */
  private readonly spellings: ReadonlyMap<string, number>;

  /** Rows and headings in the order of their cards. */
  private constructor(readonly lines: readonly (Row | Heading)[]) {
    lines.forEach((line, place) => {
      if (!isHeading(line)) this.places.set(line.keyword, place);
    });
    const former = RENAMED.flatMap(([old, current]) => {
      const place = this.places.get(current);
      return place === undefined ? [] : [[old, place] as const];
    });
    this.spellings = new Map([...this.places, ...former]);
  }

  static of(rows: readonly TableRow[]): KeywordTable {
    return new KeywordTable(rows.map((row) => (isHeadingRow(row) ? heading(row.heading) : prepared(row))));
  }

  /** Of a keyword's row in `lines`. */
  placeOf(keyword: string): number | undefined {
    return this.places.get(keyword);
  }

  /** The same for a keyword as a header package spells it. */
  placeSpelt(keyword: string): number | undefined {
    return this.spellings.get(keyword);
  }

  /** The same table with further rows after that of `keyword`. */
  withRowsAfter(keyword: string, rows: readonly KeywordRow[]): KeywordTable {
    const after = (this.placeOf(keyword) ?? -1) + 1;
    return new KeywordTable([...this.lines.slice(0, after), ...rows.map(prepared), ...this.lines.slice(after)]);
  }
}

function prepared([keyword, type, comment, source, optional]: KeywordRow): Row {
  const form = new CardForm(keyword, type, comment);
  return { keyword, type, form, source, isOptional: optional === 'optional', needsValue: mayNotBeUndefined(keyword) };
}
