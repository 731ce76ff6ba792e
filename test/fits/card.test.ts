import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeCards, fittingString, headingCard, isValueKeyword, javaDouble, valueCard } from '../../src/fits/card.js';

describe('layout of the camera’s image writer', () => {
  // Cards of real files: CC_S_20240404_000780_R22_S01 and MC_C_20211212_000310_R22_S22.
  it.each([
    ['BITPIX', 'I', 8, 'bits per data value', 'BITPIX  =                    8 / bits per data value'],
    ['EXTEND', 'L', true, 'Extensions are permitted', 'EXTEND  =                    T / Extensions are permitted'],
    ['DETSIZE', 'S', '[1:4072,1:4000]', '', "DETSIZE = '[1:4072,1:4000]'"],
    [
      'MJD',
      'R',
      60405.425073182676,
      'Modified Julian Date that the file was written',
      'MJD     =   60405.425073182676 / Modified Julian Date that the file was written',
    ],
    ['CAMCODE', 'S', 'CC', 'The "code"', 'CAMCODE = \'CC      \'           / The "code"'],
    ['RASTART', 'R', null, 'RA of telescope', 'RASTART =                      / RA of telescope'],
    ['RADESYS', 'S', null, 'Equatorial', 'RADESYS =                      / Equatorial'],
    [
      'DATE-TRG',
      'S',
      '2024-04-05T10:12:06.321',
      'Date of the image trigger (readout), UTC for now',
      "DATE-TRG= '2024-04-05T10:12:06.321' / Date of the image trigger (readout), UTC f",
    ],
    [
      'DAYOBS',
      'S',
      '20240404',
      'The observation day as defined in the image name',
      "DAYOBS  = '20240404'          / The observation day as defined in the image name",
    ],
    [
      'TESTTYPE',
      'S',
      'OBJECT',
      'BIAS, DARK, FE55, FLAT, LAMBDA, PERSISTENCE, SPOT, SFLAT_<lam>, TRAP',
      "TESTTYPE= 'OBJECT' / BIAS, DARK, FE55, FLAT, LAMBDA, PERSISTENCE, SPOT, SFLAT_<l",
    ],
    [
      'FILTER2',
      'S',
      'empty',
      'Neutral density filter name from Flat Field Projector',
      "FILTER2 = 'empty'        / Neutral density filter name from Flat Field Projector",
    ],
    [
      'BOTYCAM',
      'R',
      -400,
      'Y position of lamp/source in camera coordinate system',
      'BOTYCAM =         -400.0 / Y position of lamp/source in camera coordinate system',
    ],
    [
      'CCD_SERN',
      'S',
      '23140',
      'Manufacturer’s CCD Serial Number',
      "CCD_SERN= '23140   '           / Manufacturer?s CCD Serial Number",
    ],
    [
      'SIMULATE MTMOUNT',
      'I',
      1,
      'MTMount Simulation Mode (False=0)',
      'HIERARCH SIMULATE MTMOUNT= 1 / MTMount Simulation Mode (False=0)',
    ],
    [
      'SIMULATE MTDOMETRAJECTORY',
      'I',
      1,
      'MTDomeTrajectory Simulation Mode (False=0)',
      'HIERARCH SIMULATE MTDOMETRAJECTORY= 1 / MTDomeTrajectory Simulation Mode (False=',
    ],
    ['STUTTER DELAY', 'R', 0, '[s] The delay', 'HIERARCH STUTTER DELAY= 0.0 / [s] The delay'],
  ] as const)('%s', (keyword, type, value, comment, card) => {
    expect(valueCard(keyword, type, value, comment)).toBe(card.padEnd(80));
  });

  it('a quote is doubled, and an over-long string is cut without splitting one', () => {
    expect(valueCard('OBJECT', 'S', "O'Neil", '')).toBe("OBJECT  = 'O''Neil '".padEnd(80));
    expect(fittingString(`${'x'.repeat(67)}'y`)).toBe('x'.repeat(67));
    expect(valueCard('OBJECT', 'S', "'".repeat(40), '')).toBe(`OBJECT  = '${"'".repeat(68)}'`);
  });

  it('a heading is a blank keyword with text from column 9', () => {
    expect(headingCard('---- Checksums ----')).toBe('        ---- Checksums ----'.padEnd(80));
  });
});

describe('Double.toString', () => {
  it.each([
    [30, '30.0'],
    [0, '0.0'],
    [-0, '-0.0'],
    [-5208470.95, '-5208470.95'],
    [9999999, '9999999.0'],
    [1e7, '1.0E7'],
    [123456789, '1.23456789E8'],
    [0.001, '0.001'],
    [0.0009, '9.0E-4'],
    [6.924e-310, '6.924E-310'],
    [1.7976931348623157e308, '1.7976931348623157E308'],
    [5e-324, '5.0E-324'],
    [0.05, '0.05'],
    [2663, '2663.0'],
    [53.12550000000002, '53.12550000000002'],
  ])('%d is %s', (value, text) => expect(javaDouble(value)).toBe(text));

  it('reads back to the same double', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Object.is(Number(javaDouble(value)), value)).toBe(true);
      }),
    );
  });
});

describe('what no card can hold', () => {
  it.each(['', 'END', 'COMMENT', 'HISTORY', 'CONTINUE', 'HIERARCH', 'lower', 'A B\n', 'A=B', 'É', 'A/B', 'A.B', '  '])(
    'keyword %j is refused',
    (keyword) => {
      expect(isValueKeyword(keyword)).toBe(false);
      expect(() => valueCard(keyword, 'I', 1, '')).toThrow(expect.objectContaining({ code: 'HEADER_VALUE' }));
    },
  );

  it.each([
    ['S', 'a\nEND', ''],
    ['S', 'a\0b', ''],
    ['S', '\u0085', ''],
    ['S', 'a', 'x\r'],
    ['S', 1, ''],
    ['I', 1.5, ''],
    ['I', 2 ** 60, ''],
    ['I', '1', ''],
    ['R', Number.NaN, ''],
    ['R', Number.POSITIVE_INFINITY, ''],
    ['L', 'T', ''],
  ] as const)('type %s of %j is refused', (type, value, comment) => {
    expect(() => valueCard('KEY', type, value, comment)).toThrow(expect.objectContaining({ code: 'HEADER_VALUE' }));
  });

  it('a HIERARCH keyword whose value does not fit is refused, not cut', () => {
    expect(() => valueCard('A23456789', 'S', 'x'.repeat(68), '')).toThrow(
      expect.objectContaining({ code: 'HEADER_VALUE' }),
    );
  });

  it('cards of another length are refused', () => {
    expect(() => encodeCards(['short'])).toThrow(expect.objectContaining({ code: 'HEADER_VALUE' }));
  });
});

describe('any text', () => {
  const keyword = fc.stringMatching(/^[A-Z0-9_-]{1,8}$/).filter(isValueKeyword);

  it('gives one card of 80 printable ASCII characters, or HEADER_VALUE', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), fc.string(), (name, value, comment) => {
        let card: string;
        try {
          card = valueCard(name, 'S', value, comment);
        } catch (error) {
          expect(error).toMatchObject({ code: 'HEADER_VALUE' });
          return;
        }
        expect(card).toMatch(/^[ -~]{80}$/);
      }),
    );
  });

  it('a string that fits reads back by the standard’s rules whatever stands in it', () => {
    fc.assert(
      fc.property(
        keyword,
        fc.stringMatching(/^[ -~]{0,34}$/),
        fc.stringMatching(/^[ -~]{0,80}$/),
        (name, value, comment) => {
          const card = valueCard(name, 'S', value, comment);
          const match = /^= '((?:[^']|'')*)'/.exec(card.slice(8));
          expect(match?.[1]?.replaceAll("''", "'").trimEnd()).toBe(value.trimEnd());
        },
      ),
    );
  });
});
