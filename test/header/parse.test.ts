import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_PACKAGE_BYTES, parsePackage } from '../../src/header/parse.js';
import type { HeaderPackage } from '../../src/model/header-package.js';
import { describeReal, realData } from '../support/real-data.js';

const OBSID = 'CC_O_20200521_000008';
const parse = (text: string): HeaderPackage => parsePackage(text, { where: 'x.yaml', obsid: OBSID });
const primary = (text: string) =>
  Object.fromEntries(parse(text).sections[0]?.records.map((r) => [r.keyword, r.value]) ?? []);
const record = (keyword: string, value: string): string => `- keyword: ${keyword}\n  value: ${value}\n  comment: ''\n`;
const invalid = (problem: RegExp) =>
  expect.objectContaining({ code: 'HEADER_INVALID', message: expect.stringMatching(problem) });

describe('scalars stay text', () => {
  it.each([
    ['y', 'y', false],
    ['55e26570', '55e26570', false],
    ['2024-04-05', '2024-04-05', false],
    ['0x1F', '0x1F', false],
    ["'20240404'", '20240404', true],
    ['"NO"', 'NO', true],
    ['1.50', '1.50', false],
    ['.nan', '.nan', false],
    ['true', 'true', false],
  ])('%s', (yaml, text, quoted) => {
    expect(primary(`PRIMARY:\n${record('K', yaml)}`)).toEqual({ K: { text, quoted } });
  });

  it.each(['', 'null', '~'])('%j is no value', (yaml) => {
    expect(primary(`PRIMARY:\n${record('K', yaml)}`)).toEqual({ K: null });
  });

  it('a quoted null is the text null', () => {
    expect(primary(`PRIMARY:\n${record('K', "'null'")}`)).toEqual({ K: { text: 'null', quoted: true } });
  });
});

describe('what cannot be used is refused in one line', () => {
  it.each<[string, string, RegExp]>([
    ['text that is no YAML', 'PRIMARY: [', /is not valid: /],
    ['text that is no map', 'just words', /no map of sections/],
    ['an empty file', '', /no map of sections/],
    ['a section that is no list', 'PRIMARY: words', /section PRIMARY is no list/],
    ['a record that is no map', 'PRIMARY:\n- words\n', /something else than records/],
    ['a nested value', `PRIMARY:\n${record('K', '[1, 2]')}`, /PRIMARY value is no scalar/],
    ['an alias', `PRIMARY:\n${record('A', '&x 1')}${record('B', '*x')}`, /PRIMARY value is an alias/],
    ['a tag', `PRIMARY:\n${record('K', '!!python/object:os.system x')}`, /Unresolved tag/],
    ['a section twice', `PRIMARY:\n${record('K', '1')}PRIMARY:\n${record('K', '2')}`, /key PRIMARY stands twice/],
    ['a merge key', `A: &a\n- keyword: K\n<<: *a\n`, /no list of records/],
    ['brackets nested deeply', `PRIMARY: ${'['.repeat(100_000)}`, /nested too deeply/],
    ['lists nested deeply', `PRIMARY:\n${'- '.repeat(100_000)}`, /nested too deeply/],
    ['maps nested deeply', Array.from({ length: 400 }, (_, i) => `${' '.repeat(i)}a:\n`).join(''), /nested too deeply/],
    ['two documents', `PRIMARY:\n${record('K', '1')}---\nPRIMARY: []\n`, /is not valid/],
    ['more bytes than any camera needs', `# ${'x'.repeat(MAX_PACKAGE_BYTES)}`, /more than 8388608 bytes/],
    ['too many records', `PRIMARY:\n${'- keyword: K\n'.repeat(1025)}`, /too many records/],
    ['JSON with a member twice', '{"__CONTENT__": "metadata", "RA": 1, "RA": 2}', /key RA stands twice/],
    ['a field of a record twice', 'PRIMARY:\n- keyword: K\n  keyword: L\n', /key keyword stands twice/],
  ])('%s', (_, text, problem) => {
    expect(() => parse(text)).toThrow(invalid(problem));
    expect(() => parse(text)).toThrow(expect.objectContaining({ message: expect.not.stringContaining('\n') }));
  });

  it('a billion laughs is refused before it grows', () => {
    const layers = Array.from({ length: 10 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(10)}]\n`).join('');
    expect(() => parse(`a0: &a0 ["lol"]\n${layers}`)).toThrow(invalid(/no scalar|something else|alias/));
  });

  it('a package of another image', () => {
    expect(() => parse(`PRIMARY:\n${record('OBSID', 'CC_O_20200521_000009')}`)).toThrow(
      expect.objectContaining({
        code: 'HEADER_WRONG_IMAGE',
        message: 'Header package x.yaml is for CC_O_20200521_000009, not for CC_O_20200521_000008; it was not used',
      }),
    );
  });
});

describe('names from outside never become properties', () => {
  it('__proto__ as section, keyword and member stays a text', () => {
    const yaml = parse(
      `PRIMARY:\n${record('__proto__', '{polluted: 1}'.replace(/[{}]/g, "'"))}__proto__:\n${record('K', '1')}`,
    );
    expect(yaml.sections.map(({ name }) => name)).toEqual(['PRIMARY', '__proto__']);
    const json = parse('{"__CONTENT__": "metadata", "__proto__": {"polluted": 1}, "constructor": "x"}');
    expect(json.sections[0]?.records.map(({ keyword }) => keyword)).toEqual(['constructor']);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});

describe('playback files', () => {
  it('are one common section, bare or under __COMMON__; HIERARCH is no part of a keyword', () => {
    const members = '"RA" : 1.0, "FILTER" : null, "HIERARCH SIMULATED MJD-OBS" : 6.5e4, "HIERARCH.STUTTER.ROWS" : 0';
    const texts = [
      `{"__CONTENT__":"metadata",${members}}`,
      `{"__CONTENT__":"metadata","__COMMON__":{${members}},"a.fits":{}}`,
    ];
    for (const text of texts) {
      expect(parse(text)).toEqual({
        obsid: null,
        layout: 'common',
        sections: [
          {
            name: 'PRIMARY',
            records: [
              { keyword: 'RA', value: { text: '1.0', quoted: false }, comment: '' },
              { keyword: 'FILTER', value: null, comment: '' },
              { keyword: 'SIMULATED MJD-OBS', value: { text: '6.5e4', quoted: false }, comment: '' },
              { keyword: 'STUTTER ROWS', value: { text: '0', quoted: false }, comment: '' },
            ],
          },
        ],
      });
    }
  });
});

describe('any text', () => {
  it('is parsed or refused with a code', () => {
    const line = fc.oneof(
      fc.constantFrom(
        'PRIMARY:\n',
        '- keyword: K\n',
        '  value: 1\n',
        '  value: *a\n',
        '  comment: &a x\n',
        '{',
        '[',
        '"',
        "'",
        '? ',
        '!!x ',
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        try {
          parse(lines.join(''));
        } catch (error) {
          expect(error).toMatchObject({ code: 'HEADER_INVALID' });
        }
      }),
    );
  });
});

describeReal('the real package', ['header-service/CC_O_20200521_000008.yaml'], () => {
  it('has 154 sections, and texts where a YAML 1.2 reader would see numbers', () => {
    const { sections, obsid, layout } = parse(
      readFileSync(realData('header-service/CC_O_20200521_000008.yaml'), 'utf8'),
    );
    expect([sections.length, obsid, layout]).toEqual([154, OBSID, 'sections']);
    const values = Object.fromEntries(sections[0]?.records.map((r) => [r.keyword, r.value]) ?? []);
    expect(values).toMatchObject({
      DAYOBS: { text: '20200521', quoted: true },
      AMSTART: { text: '6.92400871089033e-310', quoted: false },
      RA: null,
      BUNIT: { text: 'adu     ', quoted: true },
    });
  });
});

describeReal(
  'real playback files',
  ['playback/CC_S_20240404_000780.json', 'playback/TS_C_20230524_000032.json'],
  () => {
    it.each(['CC_S_20240404_000780', 'CC_S_20240625_000607', 'TS_C_20230524_000032'])('%s', (obsid) => {
      const text = readFileSync(realData(`playback/${obsid}.json`), 'utf8');
      const { sections, ...rest } = parsePackage(text, { where: obsid, obsid });
      expect(rest).toEqual({ obsid, layout: 'common' });
      const keywords = sections[0]?.records.map(({ keyword }) => keyword);
      expect(keywords).toEqual(expect.arrayContaining(['SIMULATED MJD-OBS', 'EXPTIME', 'IMGTYPE']));
    });
  },
);
