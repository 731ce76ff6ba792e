import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { headerPackageYaml } from '../../fixtures/header-package.js';
import { loadCamera } from '../../src/camera/load.js';
import { composeHeaders } from '../../src/fits/headers.js';
import { mergeHeader } from '../../src/header/merge.js';
import { parsePackage } from '../../src/header/parse.js';
import type { HeaderPackage, HeaderScalar } from '../../src/model/header-package.js';
import { cardValue, textCards } from '../support/fits-cards.js';
import { headerInput } from '../support/header-input.js';
import { describeReal, realData } from '../support/real-data.js';
import { seal } from '../support/seal.js';

const REAL = 'header-service/CC_O_20200521_000008.yaml';
const exposure = {
  camera: loadCamera('comcam'),
  obsid: 'CC_O_20241108_000266',
  startIntegration: '2024-11-09T06:34:41.323',
  exposureTime: 30,
};
const made = (changes = {}): HeaderPackage =>
  parsePackage(headerPackageYaml({ ...exposure, ...changes }), { where: 'made', obsid: exposure.obsid });

describe('the made package', () => {
  it('is the same text for the same exposure, and another for another', () => {
    expect(headerPackageYaml(exposure)).toBe(headerPackageYaml({ ...exposure }));
    expect(headerPackageYaml({ ...exposure, obsid: 'CC_O_20241108_000267' })).not.toBe(headerPackageYaml(exposure));
  });

  it('gives every CCD a complete header whose values agree with each other', () => {
    const header = mergeHeader(made(), { camera: exposure.camera, raft: 'R22', sensor: 'S01' });
    expect(header.status).toBe('COMPLETE');
    const headers = composeHeaders(headerInput({ header }), seal);
    const cards = textCards(headers.primary);
    const number = (keyword: string): number => Number(cardValue(cards, keyword));
    expect(number('AMSTART')).toBeCloseTo(1 / Math.sin((number('ELSTART') * Math.PI) / 180), 6);
    expect(number('ELSTART')).toBeGreaterThan(20);
    expect(headers.omitted).toEqual([]);
    expect(headers.ignored.map(({ reason }) => reason)).not.toContain('value');
  });

  it('points where the sidereal clock says', () => {
    const header = mergeHeader(made(), { camera: exposure.camera, raft: 'R22', sensor: 'S01' });
    const number = (keyword: string): number => Number(header.primary.find((r) => r.keyword === keyword)?.value?.text);
    const meridian = (number('RASTART') + number('HASTART') * 15 + 360) % 360;
    // Greenwich sidereal time of 2024-11-09 06:34 is 9.8 h; the observatory lies 4.7 h west of it.
    expect(meridian).toBeGreaterThan(70);
    expect(meridian).toBeLessThan(82);
  });
});

describeReal('beside the real package', [REAL], () => {
  const real = parsePackage(readFileSync(realData(REAL), 'utf8'), { where: REAL, obsid: 'CC_O_20200521_000008' });
  const mine = made();
  /** Records whose unknown value the real service gave as an empty text, or not at all; ours are known. */
  const typeOf = (value: HeaderScalar | null): string =>
    value === null || value.text === ''
      ? 'unknown'
      : Number.isNaN(Number(value.text))
        ? 'text'
        : value.quoted
          ? 'text'
          : 'number';

  it('has the same sections in the same order', () => {
    expect(mine.sections.map(({ name }) => name)).toEqual(real.sections.map(({ name }) => name));
    expect(mine.sections).toHaveLength(154);
  });

  it('has the same keywords, order and comments in every section', () => {
    for (const [index, section] of real.sections.entries()) {
      const names = (records = section.records) =>
        records.map(({ keyword, comment }) => `${keyword} ${keyword === 'COMMENT' ? '' : comment}`);
      expect(names(mine.sections[index]?.records)).toEqual(names());
    }
  });

  it('has the same type wherever the real service had a value', () => {
    for (const [index, section] of real.sections.entries()) {
      for (const [place, record] of section.records.entries()) {
        const ours = mine.sections[index]?.records[place]?.value ?? null;
        if (typeOf(record.value) === 'unknown' || record.keyword === 'COMMENT') continue;
        expect([record.keyword, typeOf(ours)]).toEqual([record.keyword, typeOf(record.value)]);
      }
    }
  });
});
