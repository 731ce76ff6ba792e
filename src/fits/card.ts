import { ArchiverError } from '../model/errors.js';

/** L logical, I integer, R real, S string. */
export type CardType = 'L' | 'I' | 'R' | 'S';
/** null is an undefined value: the card stands with an empty value field (FITS standard 4.0, 4.1.2.3). */
export type CardValue = string | number | boolean | null;

export const CARD_LENGTH = 80;
/** A value field in fixed format ends at column 30, and a string holds at most 68 characters between its quotes. */
const VALUE_WIDTH = 20;
const STRING_LENGTH = 68;

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
 * One 80-column value card. Layout as the camera's image writer has it: strings padded to 8 characters, numbers
 * right-justified to column 30, comments from column 33; a long comment first takes the padding, then is cut at
 * column 80. Keywords of more than 8 characters or more than one word use the HIERARCH convention. Characters outside
 * ASCII become '?'.
 * @throws ArchiverError HEADER_VALUE for a keyword, type or character that no card can hold.
 */
export function valueCard(keyword: string, type: CardType, value: CardValue, comment: string): string {
  if (!isValueKeyword(keyword)) throw refuse(keyword, 'it is no FITS keyword');
  const text = valueText(keyword, type, value);
  const note = comment === '' ? '' : ` / ${printable(keyword, comment)}`;
  if (!KEYWORD.test(keyword)) return hierarchCard(keyword, text, note);
  const room = CARD_LENGTH - 10 - note.length;
  const card = `${keyword.padEnd(8)}= ${justify(text, type, room)}${note}`;
  return card.slice(0, CARD_LENGTH).padEnd(CARD_LENGTH);
}

/** A heading: a blank keyword with text from column 9. Readers show it as a comment. */
export function headingCard(text: string): string {
  return `        ${printable('heading', text)}`.slice(0, CARD_LENGTH).padEnd(CARD_LENGTH);
}

/** Cards as bytes, in order. */
export function encodeCards(cards: readonly string[]): Uint8Array {
  for (const card of cards) if (card.length !== CARD_LENGTH) throw refuse(card.slice(0, 8), 'a card has 80 columns');
  return Buffer.from(cards.join(''), 'latin1');
}

/**
 * A double as Java's Double.toString writes it, which the camera's files follow: shortest digits that read back the
 * same, at least one decimal, and an exponent only below 1e-3 and from 1e7 on (30.0, -5208470.95, 6.924E-310).
 */
export function javaDouble(value: number): string {
  const [mantissa = '', exponentText = '0'] = Math.abs(value).toExponential().split('e');
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const digits = mantissa.replace('.', '');
  const exponent = Number(exponentText);
  if (value !== 0 && (exponent < -3 || exponent >= 7)) {
    return `${sign}${digits[0]}.${digits.slice(1) || '0'}E${exponent}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}

/** The part of a string that fits between the quotes of one card; a doubled quote is never split. */
export function fittingString(text: string): string {
  let length = 0;
  let end = 0;
  for (const character of text) {
    length += character === "'" ? 2 : 1;
    if (length > STRING_LENGTH) break;
    end += character.length;
  }
  return text.slice(0, end);
}

function hierarchCard(keyword: string, text: string, note: string): string {
  const head = `HIERARCH ${keyword}= ${text}`;
  if (head.length > CARD_LENGTH) throw refuse(keyword, 'keyword and value are longer than a card');
  return `${head}${note}`.slice(0, CARD_LENGTH).padEnd(CARD_LENGTH);
}

function justify(text: string, type: CardType, room: number): string {
  const isString = type === 'S' && text !== '';
  if (room >= VALUE_WIDTH) {
    const padded = isString ? `${text.slice(0, -1).padEnd(9)}'` : text;
    return isString ? padded.padEnd(VALUE_WIDTH) : padded.padStart(VALUE_WIDTH);
  }
  return isString ? text.padEnd(room) : text.padStart(room);
}

function valueText(keyword: string, type: CardType, value: CardValue): string {
  if (value === null) return '';
  if (type === 'S' && typeof value === 'string') {
    return `'${fittingString(printable(keyword, value)).replaceAll("'", "''")}'`;
  }
  if (type === 'L' && typeof value === 'boolean') return value ? 'T' : 'F';
  if (type === 'I' && Number.isSafeInteger(value)) return String(value);
  if (type === 'R' && typeof value === 'number' && Number.isFinite(value)) return javaDouble(value);
  throw refuse(keyword, `${JSON.stringify(value) ?? typeof value} is not of type ${type}`);
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
