import { BLANK_CARD, type CardType, type CardValue, headingCard, valueCard } from './card.js';

/** A card before it is laid out. */
export interface Entry {
  readonly keyword: string;
  readonly type: CardType;
  readonly value: CardValue;
  readonly comment: string;
}

export type Line = Entry | { readonly heading: string; readonly tight?: true };

/** Lays lines out as cards; a heading follows a blank card unless it is tight. */
export function cardsOf(lines: readonly Line[]): string[] {
  return lines.flatMap((line) => {
    if (!('heading' in line)) return [valueCard(line.keyword, line.type, line.value, line.comment)];
    const heading = headingCard(line.heading);
    return line.tight ? [heading] : [BLANK_CARD, heading];
  });
}

/** Where a header's own sums will stand, in fixed format: the sums are filled in place. */
export function sumEntry(keyword: string, comment: string): Entry {
  return { keyword, type: 'S', value: keyword.endsWith('DATASUM') ? '0' : '0'.repeat(16), comment };
}
