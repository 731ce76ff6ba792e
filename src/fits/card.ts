import { ArchiverError } from '../model/errors.js';

/** L logical, I integer, R real, S string. */
export type CardType = 'L' | 'I' | 'R' | 'S';
/** null is an undefined value: the card stands with an empty value field (FITS standard 4.0, 4.1.2.3). */
export type CardValue = string | number | boolean | null;

export const CARD_LENGTH = 80;
/** A value field in fixed format ends at column 30, and a string holds at most 68 characters between its quotes. */
const VALUE_WIDTH = 20;
const STRING_LENGTH = 68;
const TAIL_WIDTH = CARD_LENGTH - 10 - VALUE_WIDTH;

const KEYWORD = /^[A-Z0-9_-]{1,8}$/;
const HIERARCH_KEYWORD = /^[A-Z0-9_-]{1,40}(?: [A-Z0-9_-]{1,40}){0,3}$/;
/** Keywords whose cards are no value cards, or that end or continue something. */
const COMMENTARY = new Set(['', 'END', 'COMMENT', 'HISTORY', 'CONTINUE', 'HIERARCH']);

export const BLANK_CARD = ' '.repeat(CARD_LENGTH);

/**
 * Whether a keyword may stand on a value card: 8 characters of A-Z 0-9 _ -, or by the HIERARCH convention up to 4
 * such words.
 */
export function isValueKeyword(keyword: string): boolean {
  if (COMMENTARY.has(keyword)) return false;
  return KEYWORD.test(keyword) || (HIERARCH_KEYWORD.test(keyword) && keyword.length <= 60);
}

/**
 * A value card but for its value: what keyword and comment decide, laid out once for the rows of a table and used for every file. Layout as the
 * camera's image writer has it: strings padded to 8 characters, numbers right-justified to column 30, comments from column 33; a long comment first
 * takes the padding, then is cut at column 80. Keywords of more than 8 characters or more than one word use the HIERARCH convention. Characters
 * outside ASCII become '?'.
 */
export class CardForm {
  private readonly isHierarch: boolean;
  private readonly head: string;
  private readonly note: string;
  /** Columns 31 to 80 where the value ends at column 30. */
  private readonly tail: string;

  /** @throws ArchiverError HEADER_VALUE for a keyword or a comment that no card can hold. */
  constructor(
    readonly keyword: string,
    readonly type: CardType,
    comment: string,
  ) {
    if (!isValueKeyword(keyword)) throw refuse(keyword, 'it is no FITS keyword');
    this.isHierarch = !KEYWORD.test(keyword);
    this.head = this.isHierarch ? `HIERARCH ${keyword}= ` : `${keyword.padEnd(8)}= `;
    this.note = comment === '' ? '' : ` / ${printable(keyword, comment)}`;
    this.tail = fullWidth(this.note, TAIL_WIDTH);
  }

  /** The 80 columns. @throws ArchiverError HEADER_VALUE for a type or character that no card can hold. */
  card(value: CardValue): string {
    const text = this.valueText(value);
    if (this.isHierarch) return this.hierarchCard(text);
    const field = justify(text, this.type, Math.min(VALUE_WIDTH, CARD_LENGTH - 10 - this.note.length));
    if (field.length === VALUE_WIDTH) return this.head + field + this.tail;
    return fullWidth(this.head + field + this.note, CARD_LENGTH);
  }

  private hierarchCard(text: string): string {
    const head = this.head + text;
    if (head.length > CARD_LENGTH) throw refuse(this.keyword, 'keyword and value are longer than a card');
    return fullWidth(head + this.note, CARD_LENGTH);
  }

  private valueText(value: CardValue): string {
    const { keyword, type } = this;
    if (value === null) return '';
    if (type === 'S' && typeof value === 'string') {
      return `'${fittingString(printable(keyword, value)).replaceAll("'", "''")}'`;
    }
    if (type === 'L' && typeof value === 'boolean') return value ? 'T' : 'F';
    if (type === 'I' && Number.isSafeInteger(value)) return String(value);
    if (type === 'R' && typeof value === 'number' && Number.isFinite(value)) return javaDouble(value);
    throw refuse(keyword, `${JSON.stringify(value) ?? typeof value} is not of type ${type}`);
  }
}

/** One value card of a form that is used once. @throws ArchiverError HEADER_VALUE */
export function valueCard(keyword: string, type: CardType, value: CardValue, comment: string): string {
  return new CardForm(keyword, type, comment).card(value);
}

/** A heading: a blank keyword with text from column 9. Readers show it as a comment. */
export function headingCard(text: string): string {
  return fullWidth(`        ${printable('heading', text)}`, CARD_LENGTH);
}

/** Texts of whole cards as bytes, in order. */
export function encodeCards(cards: readonly string[]): Uint8Array {
  for (const card of cards)
    if (card.length % CARD_LENGTH !== 0) throw refuse(card.slice(0, 8), 'a card has 80 columns');
  return Buffer.from(cards.join(''), 'latin1');
}

/**
 * A double as Java's Double.toString writes it, which the camera's files follow: shortest digits that read back the
 * same, at least one decimal, and an exponent only below 1e-3 and from 1e7 on (30.0, -5208470.95, 6.924E-310).
 */
export function javaDouble(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e7) return Number.isInteger(value) ? `${value}.0` : String(value);
  if (size === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const [mantissa = '', exponent] = value.toExponential().split('e');
  return `${mantissa}${mantissa.includes('.') ? '' : '.0'}E${Number(exponent)}`;
}

/** The part of a string that fits between the quotes of one card; a doubled quote is never split. */
export function fittingString(text: string): string {
  if (text.length <= STRING_LENGTH && !text.includes("'")) return text;
  let length = 0;
  let end = 0;
  for (const character of text) {
    length += character === "'" ? 2 : 1;
    if (length > STRING_LENGTH) break;
    end += character.length;
  }
  return text.slice(0, end);
}

/** A string begins at column 11 and has 8 characters or more, a number ends at column 30, as far as a long comment leaves `room`. */
function justify(text: string, type: CardType, room: number): string {
  if (type !== 'S' || text === '') return text.padStart(room);
  const padded = room === VALUE_WIDTH ? `${text.slice(0, -1).padEnd(9)}'` : text;
  return padded.padEnd(room);
}

function fullWidth(text: string, width: number): string {
  return text.slice(0, width).padEnd(width);
}

/** One '?' per character outside ASCII. Control characters would end or forge cards, so they are refused. */
function printable(keyword: string, text: string): string {
  if (/^[ -~]*$/.test(text)) return text;
  if (/\p{Cc}/u.test(text)) throw refuse(keyword, 'it holds a control character');
  return text.replace(/[^ -~]/gu, '?');
}

function refuse(keyword: string, problem: string): ArchiverError {
  return new ArchiverError('HEADER_VALUE', { keyword: keyword.replace(/[^ -~]/gu, '?').slice(0, 80), problem });
}
