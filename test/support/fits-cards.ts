import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/**
 * Header and data of one HDU, taken apart by the plain rules of the standard, independent of the program's own
 * reader.
 */
export interface RawHdu {
  /** 80 characters each, without END. */
  readonly cards: readonly string[];
  readonly data: Uint8Array;
}

/** @param path a FITS file, gzipped when its name ends in .gz */
export function readHdus(path: string): RawHdu[] {
  const bytes = path.endsWith('.gz') ? gunzipSync(readFileSync(path)) : readFileSync(path);
  return splitHdus(bytes);
}

export function splitHdus(bytes: Uint8Array): RawHdu[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const hdus: RawHdu[] = [];
  let at = 0;
  while (at < text.length) {
    const cards = cardsBeforeEnd(text, at);
    const start = at + Math.ceil((cards.length + 1) / 36) * 2880;
    const length = dataLength(cards);
    hdus.push({ cards, data: bytes.subarray(start, start + length) });
    at = start + Math.ceil(length / 2880) * 2880;
  }
  return hdus;
}

function cardsBeforeEnd(text: string, from: number): string[] {
  const cards: string[] = [];
  for (let at = from; at < text.length; at += 80) {
    const card = text.slice(at, at + 80);
    if (card.startsWith('END     ')) return cards;
    cards.push(card);
  }
  throw new Error('a header without END');
}

export function splitCards(text: string): string[] {
  return text.match(/.{80}/gs) ?? [];
}

export function textCards(cards: Uint8Array): string[] {
  return splitCards(Buffer.from(cards).toString('latin1'));
}

/** Keyword of a card: the words after HIERARCH, or columns 1 to 8. */
export function keywordOf(card: string): string {
  return card.startsWith('HIERARCH ') ? card.slice(9, card.indexOf('=')) : card.slice(0, 8).trim();
}

/** Value of the first card of a keyword; null for an undefined one, undefined where there is no card. */
export function cardValue(cards: readonly string[], keyword: string): string | number | boolean | null | undefined {
  const card = cards.find((candidate) => keywordOf(candidate) === keyword && candidate.includes('='));
  if (card === undefined) return undefined;
  const field = card.slice(card.indexOf('=') + 1);
  const string = /^ *'((?:[^']|'')*)'/.exec(field)?.[1];
  if (string !== undefined) return string.replaceAll("''", "'").trimEnd();
  const text = (field.split('/')[0] ?? '').trim();
  if (text === '') return null;
  return text === 'T' || text === 'F' ? text === 'T' : Number(text);
}

function dataLength(cards: readonly string[]): number {
  const number = (keyword: string, otherwise: number): number => Number(cardValue(cards, keyword) ?? otherwise);
  const axes = Array.from({ length: number('NAXIS', 0) }, (_, axis) => number(`NAXIS${axis + 1}`, 0));
  if (axes.length === 0) return 0;
  const elements = axes.reduce((product, axis) => product * axis, 1) + number('PCOUNT', 0);
  return (elements * Math.abs(number('BITPIX', 8))) / 8;
}
