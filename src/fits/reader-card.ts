/** Value of a card: null when the card is there without a value (FITS standard 4.1.2.3), complex numbers as their text. */
export type CardValue = string | number | boolean | null;

/** One 80-character card as it stands in a file. */
export interface ParsedCard {
  /** Name as written, e.g. NAXIS1; '' for a blank keyword; for the HIERARCH convention the words after HIERARCH, e.g. "STUTTER ROWS". */
  readonly keyword: string;
  /** undefined for commentary cards, which have no value field. */
  readonly value: CardValue | undefined;
  /** Text after the slash; for commentary cards the text from column 9. */
  readonly comment: string;
  /** The 80 characters. */
  readonly text: string;
  /** Why the card is not valid FITS; absent when it is. Such a card has no value. */
  readonly problem?: string;
}

export const CARD_BYTES = 80;

const KEYWORD = /^[A-Z0-9_-]*$/;
const INTEGER = /^[+-]?\d+$/;
const REAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[ED][+-]?\d+)?$/;
const COMPLEX = /^\([^()]*\)$/;

/** Parses consecutive cards; a string that ends with & is joined with the CONTINUE cards after it (FITS standard 4.2.1.2). */
export function parseCards(texts: readonly string[]): ParsedCard[] {
  const cards = texts.map(parseCard);
  for (let index = cards.length - 1; index > 0; index--) {
    const part = cards[index];
    const before = cards[index - 1];
    if (part?.keyword !== 'CONTINUE' || before === undefined) continue;
    if (typeof before.value !== 'string' || !before.value.endsWith('&')) continue;
    if (typeof part.value !== 'string') continue;
    cards[index - 1] = { ...before, value: before.value.slice(0, -1) + part.value };
  }
  return cards;
}

/** Parses one card of 80 characters. Never throws: what is wrong with it is told in `problem`. */
export function parseCard(text: string): ParsedCard {
  const bad = /[^\x20-\x7e]/.exec(text);
  if (bad !== null) {
    const column = bad.index + 1;
    return invalid(text, text.slice(0, 8).trimEnd(), `byte ${bad[0].charCodeAt(0)} in column ${column} is not text`);
  }
  const hierarch = /^HIERARCH +([^=]*[^= ]) *=/.exec(text);
  if (hierarch?.[1] !== undefined) return withValue(text, hierarch[1], text.slice(hierarch[0].length));
  const keyword = text.slice(0, 8).trimEnd();
  if (!KEYWORD.test(keyword)) return invalid(text, keyword, `"${keyword}" is no keyword`);
  if (keyword === 'CONTINUE') return withValue(text, keyword, text.slice(8));
  const commentary = keyword === '' || keyword === 'COMMENT' || keyword === 'HISTORY' || text.slice(8, 10) !== '= ';
  if (commentary) return { keyword, value: undefined, comment: text.slice(8).trimEnd(), text };
  return withValue(text, keyword, text.slice(10));
}

function withValue(text: string, keyword: string, field: string): ParsedCard {
  const start = field.trimStart();
  const string = /^'((?:[^']|'')*)'/.exec(start);
  const slash = start.indexOf('/');
  const end = string !== null ? string[0].length : slash < 0 ? start.length : slash;
  const rest = start.slice(end).trimStart();
  if (rest !== '' && !rest.startsWith('/')) return invalid(text, keyword, 'its value is followed by more text');
  const comment = rest.slice(1).trim();
  // Trailing blanks of a string carry no meaning (FITS standard 4.2.1.1).
  if (string?.[1] !== undefined) {
    return { keyword, value: string[1].replaceAll("''", "'").trimEnd(), comment, text };
  }
  const literal = start.slice(0, end).trimEnd();
  const value = parseLiteral(literal);
  if (value === undefined) return invalid(text, keyword, `${literal.slice(0, 30)} is no FITS value`);
  return { keyword, value, comment, text };
}

function parseLiteral(literal: string): CardValue | undefined {
  if (literal === '') return null;
  if (literal === 'T' || literal === 'F') return literal === 'T';
  if (INTEGER.test(literal)) return Number(literal);
  if (REAL.test(literal)) return Number(literal.replace('D', 'E'));
  if (COMPLEX.test(literal)) return literal;
  return undefined;
}

function invalid(text: string, keyword: string, problem: string): ParsedCard {
  return { keyword, value: undefined, comment: '', text, problem };
}
