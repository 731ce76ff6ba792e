import type { HeaderScalar } from '../model/header-package.js';
import type { CardType, CardValue } from './card.js';
import type { FactValue } from './facts.js';

const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;
const NON_FINITE = /^[-+]?\.?(?:nan|inf|infinity)$/i;
/** Unquoted scalars that YAML 1.1 and 1.2 both read as these types; PyYAML writes no string this way without quotes. */
const PLAIN_INTEGER = /^[-+]?(?:0|[1-9]\d{0,14})$/;
const PLAIN_REAL = /^[-+]?(?:0|[1-9]\d*)\.\d*(?:[eE][-+]\d+)?$/;

/**
 * A value from outside as the type that its keyword has: CCD_TYPE 2 becomes '2', FILTPOS 1 becomes 1.0. What is not
 * finite, and an empty text where a number belongs, is unknown (null).
 * @returns undefined when the value cannot be of that type.
 */
export function coerce(type: CardType, value: FactValue): CardValue | undefined {
  if (value === null) return null;
  if (type === 'R' && typeof value === 'number' && Number.isFinite(value)) return value + 0; // no -0
  const text = String(value).trimEnd();
  if (type === 'S') return /\p{Cc}/u.test(text) ? undefined : text;
  if (type !== 'L' && NUMBER.test(text)) return numberOf(type, text);
  if (text === '' || NON_FINITE.test(text)) return null;
  if (text === 'true' || text === 'T') return type === 'L' ? true : type === 'I' ? 1 : undefined;
  if (text === 'false' || text === 'F') return type === 'L' ? false : type === 'I' ? 0 : undefined;
  return undefined;
}

function numberOf(type: CardType, text: string): number | null | undefined {
  const number = Number(text);
  if (!Number.isFinite(number)) return null;
  return type === 'R' || Number.isSafeInteger(number) ? number : undefined;
}

/**
 * The type of a keyword that no table knows: a quoted scalar is a string, an unquoted one what every YAML reader
 * agrees on.
 */
export function guessType(scalar: HeaderScalar): CardType {
  if (scalar.quoted) return 'S';
  if (scalar.text === 'true' || scalar.text === 'false') return 'L';
  if (PLAIN_INTEGER.test(scalar.text)) return 'I';
  return PLAIN_REAL.test(scalar.text) || NON_FINITE.test(scalar.text) ? 'R' : 'S';
}
