import { BLANK_CARD, CardForm, type CardType, type CardValue, headingCard } from './card.js';

/** A card before it is laid out. */
export interface Entry {
  readonly form: CardForm;
  readonly value: CardValue;
}

/** Cards without a value, e.g. a heading, laid out already. */
export interface Heading {
  readonly cards: string;
}

export type Line = Entry | Heading;

export function entry(keyword: string, type: CardType, value: CardValue, comment: string): Entry {
  return { form: new CardForm(keyword, type, comment), value };
}

/** A heading follows a blank card. */
export function heading(text: string): Heading {
  return { cards: BLANK_CARD + headingCard(text) };
}

export function isHeading(line: object): line is Heading {
  return 'cards' in line;
}

/** Lays lines out as texts of whole cards. */
export function cardsOf(lines: readonly Line[]): string[] {
  return lines.map((line) => (isHeading(line) ? line.cards : line.form.card(line.value)));
}
