import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HeaderInput } from '../../src/fits/facts.js';
import { composeHeaders } from '../../src/fits/headers.js';
import type { SectionRecord } from '../../src/model/header-package.js';
import { keywordOf, textCards } from '../support/fits-cards.js';
import { headerInput, merged } from '../support/header-input.js';
import { seal } from '../support/seal.js';

const STRUCTURE = /^(SIMPLE|BITPIX|NAXIS|EXTEND|BZERO|BSCALE|END|XTENSION|PCOUNT|ZIMAGE|CONTINUE)$/;
const keyword = fc.oneof(
  fc.constantFrom(
    'RA',
    'OBJECT',
    'SIMPLE',
    'BZERO',
    'NAXIS1',
    'END',
    'DATASUM',
    'ZIMAGE',
    'CONTINUE',
    'FILTPOS',
    'A B C D',
    '__proto__',
  ),
  fc.stringMatching(/^[A-Z0-9_-]{1,8}$/),
  fc.string({ unit: 'binary', maxLength: 90 }),
);
const text = fc.oneof(
  fc.constantFrom('nan', '1e999', '.inf', "'", "x' / END", 'a\nEND', 'true', '1.5', '0x10', '6.9e-310'),
  fc.string({ unit: 'binary', maxLength: 120 }),
);
const record: fc.Arbitrary<SectionRecord> = fc.record({
  keyword: fc.option(keyword),
  value: fc.option(fc.record({ text, quoted: fc.boolean() })),
  // Headings and comments as mergeHeader leaves them: without control characters where there is no keyword.
  comment: fc.string({ maxLength: 100 }),
  section: fc.constant('PRIMARY'),
});
const packageRecords = fc.uniqueArray(record, { maxLength: 30, selector: (r) => r.keyword ?? {} });

describe('whatever a header package says', () => {
  it('the headers are cards of 80 printable characters, of our structure, and sealed', () => {
    const plain = structureOf(headerInput({ header: merged({}) }));
    fc.assert(
      fc.property(packageRecords, packageRecords, (primary, segment) => {
        const input = headerInput({ header: { ...merged({}), primary, segments: [segment] } });
        const headers = composeHeaders(input, seal);
        for (const cards of [headers.primary, ...headers.segments.map((s) => s.cards)]) {
          expect(Buffer.from(cards).toString('latin1')).toMatch(/^(?:[ -~]{80})+$/);
        }
        expect(structureOf(input)).toEqual(plain);
        expect(() => JSON.parse(Buffer.from(headers.sidecar).toString())).not.toThrow();
      }),
      { numRuns: 60 },
    );
  });

  it('no keyword occurs twice', () => {
    fc.assert(
      fc.property(packageRecords, (primary) => {
        const cards = textCards(composeHeaders(headerInput({ header: { ...merged({}), primary } }), seal).primary);
        const keywords = cards.map(keywordOf).filter((name) => name !== '');
        expect(keywords).toEqual([...new Set(keywords)]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('whatever the conditions and the exposure request say', () => {
  it('the headers stand', () => {
    const value = fc.oneof(text, fc.double(), fc.boolean(), fc.constant(null));
    fc.assert(
      fc.property(fc.dictionary(keyword, value), fc.dictionary(keyword, value), (conditions, additional) => {
        const { exposure } = headerInput();
        const headers = composeHeaders(headerInput({ conditions, exposure: { ...exposure, additional } }), seal);
        expect(Buffer.from(headers.primary).toString('latin1')).toMatch(/^(?:[ -~]{80})+$/);
      }),
      { numRuns: 60 },
    );
  });
});

/** The cards by which readers find their way through the file. */
function structureOf(input: HeaderInput): string[] {
  const { primary, segments } = composeHeaders(input, seal);
  return [primary, ...segments.map(({ cards }) => cards)]
    .flatMap((cards) => textCards(cards).filter((card) => STRUCTURE.test(keywordOf(card))))
    .map((card) => card.slice(0, 30));
}
