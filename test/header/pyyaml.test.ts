import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { dumpPackage } from '../../fixtures/pyyaml.js';
import { parsePackage } from '../../src/header/parse.js';
import { describeReal, realData } from '../support/real-data.js';

const FILE = 'header-service/CC_O_20200521_000008.yaml';

it('quotes what YAML 1.1 would resolve, and leaves y, 1e5 and hex tags as they are', () => {
  const strings = [
    'y',
    '1e5',
    '55e26570',
    'ITL',
    'NO',
    '20240404',
    '2024-04-04',
    '',
    'a: b',
    '[1:2]',
    'null',
    '-x',
    '1.5',
  ];
  const records = strings.map((text) => ({ keyword: 'K', value: { text, quoted: true }, comment: '' }));
  const values = [...dumpPackage([{ name: 'PRIMARY', records }]).matchAll(/value: (.*)/g)].map((match) => match[1]);
  expect(values.slice(0, 4)).toEqual(strings.slice(0, 4));
  expect(values.slice(4, 11)).toEqual(strings.slice(4, 11).map((text) => `'${text}'`));
  expect(values.slice(11)).toEqual(['-x', "'1.5'"]);
});

describeReal('the real package', [FILE], () => {
  it('parsed and dumped again is the same text', () => {
    const text = readFileSync(realData(FILE), 'utf8');
    const { sections } = parsePackage(text, { where: FILE, obsid: 'CC_O_20200521_000008' });
    expect(dumpPackage(sections)).toBe(text);
  });
});
