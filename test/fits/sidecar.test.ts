import { describe, expect, it } from 'vitest';
import type { HeaderInput } from '../../src/fits/facts.js';
import { composeHeaders } from '../../src/fits/headers.js';
import { cardValue, keywordOf, textCards } from '../support/fits-cards.js';
import { headerInput, merged } from '../support/header-input.js';
import { onesComplementSum, paddedHeader, seal } from '../support/seal.js';

const compose = (changes: Partial<HeaderInput> = {}) => composeHeaders(headerInput(changes), seal);

describe('sums and sidecar', () => {
  it('headers without data are sealed: the words of the HDU add up to minus zero', () => {
    const { primary, rebCond, configCond } = compose();
    for (const cards of [primary, rebCond, configCond]) {
      expect(onesComplementSum(paddedHeader(cards))).toBe(0xffffffff);
      expect(cardValue(textCards(cards), 'DATASUM')).toBe('0');
    }
  });

  it('the sidecar is the primary header, keyword by keyword and in its order', () => {
    const headers = compose({ header: merged({ OBJECT: "M'31", 'SIMULATE MTDOME': 1 }) });
    const sidecar = JSON.parse(Buffer.from(headers.sidecar).toString());
    const cards = textCards(headers.primary).filter((card) => card.slice(0, 8).trim() !== '');
    const keys = cards.map(keywordOf).map((k) => (k.includes(' ') ? `HIERARCH.${k.replaceAll(' ', '.')}` : k));
    expect(Object.keys(sidecar)).toEqual(['__CONTENT__', ...keys, ...headers.omitted]);
    for (const [index, card] of cards.entries()) {
      expect(sidecar[keys[index] ?? '']).toEqual(cardValue([card], keywordOf(card)));
    }
    expect(Buffer.from(headers.sidecar).toString()).toContain('"EXPTIME" : 30.0,');
    expect(sidecar.__CONTENT__).toBe('metadata');
  });

  it('the same input gives the same bytes', () => {
    const all = (input: HeaderInput) => {
      const { segments, ...rest } = composeHeaders(input, seal);
      const parts = [rest.primary, rest.rebCond, rest.configCond, rest.sidecar, ...segments.map(({ cards }) => cards)];
      return Buffer.concat(parts).toString('latin1');
    };
    const input = headerInput();
    expect(all(input)).toBe(all(JSON.parse(JSON.stringify(input))));
  });
});
