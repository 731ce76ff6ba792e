import { describe, expect, it } from 'vitest';
import { parseCard, parseCards } from '../../src/fits/reader-card.js';

const cardValue = (text: string) => parseCard(text.padEnd(80)).value;
const problemOf = (text: string) => parseCard(text.padEnd(80)).problem;

describe('a card of a FITS file', () => {
  it.each([
    ["OBSID   = 'CC_O_20241108_000266' / The image", 'CC_O_20241108_000266'],
    ["OBJECT  = 'Barnard''s star'", "Barnard's star"],
    ["OBSANNOT= '        '           / blank", ''],
    ["TESTTYPE= 'OBJECT' / BIAS, DARK", 'OBJECT'],
    ["COMMENTS= 'a / b'", 'a / b'],
    ['SEQNUM  =                  266 / number', 266],
    ['MJD-OBS = 58323.43663590262 / free format', 58323.43663590262],
    ['OBSGEO-Y=          -5208470.95', -5208470.95],
    ['SCALE   =             1.5D-03', 0.0015],
    ['EXTEND  =                    T / yes', true],
    ['SHUTTER = F', false],
    ['SEEING  =                      / [arcsec]', null],
    ['POINT   = (1.0, -2.0)', '(1.0, -2.0)'],
    ['COMMENT  it is 10 = 2 * 5', undefined],
    ['        ---- Checksums ----', undefined],
  ])('%s', (text, expected) => {
    expect(cardValue(text)).toBe(expected);
    expect(problemOf(text)).toBeUndefined();
  });

  it('keeps the words of the HIERARCH convention as its keyword', () => {
    const card = parseCard('HIERARCH STUTTER ROWS= 0 / The number of row shifts'.padEnd(80));
    expect(card).toMatchObject({ keyword: 'STUTTER ROWS', value: 0, comment: 'The number of row shifts' });
    expect(parseCard("HIERARCH SIMULATED DATE-OBS= '2024-04-05' / x".padEnd(80)).keyword).toBe('SIMULATED DATE-OBS');
  });

  it.each([
    ['AIRMASS =                  NaN', 'NaN'],
    ['AIRMASS =                  inf', 'inf'],
    ["OBJECT  = 'no end", 'no FITS value'],
    ["OBJECT  = 'a' b", 'more text'],
    ['object  = 1', 'no keyword'],
    ['OBJECT  = 1 2', '1 2'],
    ["OBJECT  = 'caf\u00e9'", 'byte 233 in column 15'],
  ])('%s is told as a problem', (text, problem) => {
    expect(problemOf(text)).toContain(problem);
    expect(cardValue(text)).toBeUndefined();
  });

  it('joins a string over its CONTINUE cards, and leaves a lone & alone', () => {
    const texts = [
      "LONG    = 'one &'",
      "CONTINUE  'two &'",
      "CONTINUE  'three' / end",
      "AND     = 'R&'",
      'NEXT    = 1',
    ];
    const [long, , , and] = parseCards(texts.map((text) => text.padEnd(80)));
    expect(long?.value).toBe('one two three');
    expect(and?.value).toBe('R&');
  });
});
