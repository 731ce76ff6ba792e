import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { headerPackageYaml } from '../../fixtures/header-package.js';
import { loadCamera } from '../../src/camera/load.js';
import { composeHeaders } from '../../src/fits/headers.js';
import { mergeHeader } from '../../src/header/merge.js';
import { parsePackage } from '../../src/header/parse.js';
import { type HeaderPackage, NO_HEADER } from '../../src/model/header-package.js';
import { cardValue, keywordOf, textCards } from '../support/fits-cards.js';
import { headerInput, packageRecord } from '../support/header-input.js';
import { describeReal, realData } from '../support/real-data.js';
import { seal } from '../support/seal.js';

const camera = loadCamera('comcam');
const ccd = { camera, raft: 'R22', sensor: 'S01' };
const obsid = 'CC_O_20241108_000266';
const made = (): HeaderPackage =>
  parsePackage(headerPackageYaml({ camera, obsid, startIntegration: '2024-11-09T06:34:41.323', exposureTime: 30 }), {
    where: 'made',
    obsid,
  });
const sections = (...list: HeaderPackage['sections']): HeaderPackage => ({ obsid, layout: 'sections', sections: list });

describe('one CCD’s part of a package', () => {
  it('no package is status MISSING', () => expect(mergeHeader(null, ccd)).toBe(NO_HEADER));

  it('PRIMARY comes first, then the section of the sensor', () => {
    const { primary, segments, status } = mergeHeader(made(), ccd);
    expect(status).toBe('COMPLETE');
    expect(primary[0]?.keyword).toBe('SIMPLE');
    expect(primary.find(({ keyword }) => keyword === 'CCDSLOT')).toMatchObject({ section: 'R22S01_PRIMARY' });
    expect(segments).toHaveLength(16);
    expect(segments[0]?.[0]?.section).toBe('R22S01_Segment10');
  });

  it('a missing sensor section makes this CCD partial and no other', () => {
    const header = made();
    const without = { ...header, sections: header.sections.filter(({ name }) => name !== 'R22S01_PRIMARY') };
    expect(mergeHeader(without, ccd)).toMatchObject({ status: 'PARTIAL', missing: ['R22S01_PRIMARY'] });
    expect(mergeHeader(without, { ...ccd, sensor: 'S02' })).toMatchObject({ status: 'COMPLETE', missing: [] });
    const headers = composeHeaders(headerInput({ header: mergeHeader(without, ccd) }), seal);
    expect(cardValue(textCards(headers.primary), 'HDRSTAT')).toBe('PARTIAL');
  });

  it('a missing segment section does so too', () => {
    const header = made();
    const without = { ...header, sections: header.sections.filter(({ name }) => name !== 'R22S01_Segment07') };
    expect(mergeHeader(without, ccd).missing).toEqual(['R22S01_Segment07']);
  });

  it('a keyword stands once: a later value replaces an earlier one in its place, a null does not', () => {
    const { primary } = mergeHeader(
      sections(
        { name: 'PRIMARY', records: [packageRecord('SEQNAME', null), packageRecord('A', 1), packageRecord('B', 2)] },
        { name: 'R22S01_PRIMARY', records: [packageRecord('SEQNAME', 'x.seq'), packageRecord('B', null)] },
      ),
      ccd,
    );
    expect(primary.map(({ keyword, value }) => `${keyword} ${value?.text}`)).toEqual(['SEQNAME x.seq', 'A 1', 'B 2']);
  });

  it('empty comments and mangled headings are dropped; a heading may stand in either field', () => {
    const records = [
      packageRecord('COMMENT', ''),
      packageRecord('COMMENT', 'cksums ----'),
      packageRecord('COMMENT', '---- A ----'),
      packageRecord(null, null, '---- B\n ----'),
    ];
    expect(mergeHeader(sections({ name: 'PRIMARY', records }), ccd).primary.map(({ comment }) => comment)).toEqual([
      '---- A ----',
      '---- B? ----',
    ]);
  });

  it('a playback file stands for every CCD and lacks no section', () => {
    const common: HeaderPackage = {
      obsid,
      layout: 'common',
      sections: [{ name: 'PRIMARY', records: [packageRecord('RA', 1)] }],
    };
    expect(mergeHeader(common, ccd)).toMatchObject({ status: 'COMPLETE', layout: 'common', missing: [] });
  });

  it('a CCD that the camera has not is refused', () => {
    expect(() => mergeHeader(made(), { ...ccd, sensor: 'S33' })).toThrow(
      expect.objectContaining({ code: 'LOCATION_UNKNOWN' }),
    );
  });
});

describeReal('the real package of 2020 with its defects', ['header-service/CC_O_20200521_000008.yaml'], () => {
  const name = 'CC_O_20200521_000008';
  const text = readFileSync(realData(`header-service/${name}.yaml`), 'utf8');
  const header = mergeHeader(parsePackage(text, { where: name, obsid: name }), ccd);
  const headers = composeHeaders(headerInput({ obsid: name, header, conditions: { SEQCKSUM: '980618532' } }), seal);
  const cards = textCards(headers.primary);

  it('is complete', () => expect(header.status).toBe('COMPLETE'));

  it('repeats no keyword, where its writer of old wrote SEQCKSUM and SEQNAME twice', () => {
    const keywords = cards.map(keywordOf).filter((keyword) => keyword !== '');
    expect(keywords).toEqual([...new Set(keywords)]);
    expect(cardValue(cards, 'SEQNAME')).toBe('FP_ITL_2s_ir2_v1.seq');
  });

  it('adds its further keywords in order, under the headings that they stood under', () => {
    const at = cards.findIndex((card) => card.startsWith('ORIGIN'));
    const tail = cards.slice(
      at,
      cards.findIndex((card) => card.includes('---- Checksums')),
    );
    expect(tail.map((card) => keywordOf(card) || card.trim()).filter((text) => text !== '')).toEqual([
      'ORIGIN',
      '---- Telescope info, location, observer ----',
      'FACILITY',
      'OBSERVER',
      '---- Pointing info, etc. ----',
      'INSTPORT',
      'ATM3PORT',
      '---- Filter/grating information ----',
      'GRATING',
      'GRATPOS',
      'LINSPOS',
      '---- Information from Camera per sensor ----',
      'TEMP_SET',
      'CCDTEMP',
    ]);
  });

  it('keeps a denormal airmass, and lets no enumeration or placeholder into the cards', () => {
    expect(cards.find((card) => card.startsWith('AMSTART'))).toContain('6.92400871089033E-310 /');
    expect(['CCD_TYPE', 'CONTNUM', 'SEQCKSUM', 'HEADVER'].map((k) => cardValue(cards, k))).toEqual([
      '3800C',
      '18edfc9b',
      '980618532',
      2,
    ]);
  });

  it('leaves its wrong geometry out and says so', () => {
    const segment = textCards(headers.segments[0]?.cards ?? new Uint8Array());
    expect([cardValue(segment, 'DATASEC'), cardValue(segment, 'DTV1')]).toEqual(['[4:512,1:2000]', 513]);
    expect(headers.ignored).toContainEqual({
      section: 'R22S01_Segment10',
      keyword: 'DATASEC',
      reason: 'geometry',
      text: '[1:509,1:2000]',
    });
    const primary = headers.ignored.filter(({ section }) => section === 'R22S01_PRIMARY' || section === 'PRIMARY');
    expect(primary.filter(({ reason }) => reason === 'geometry').map(({ keyword }) => keyword)).toEqual([
      'OVERH',
      'OVERV',
      'PREH',
    ]);
    expect(headers.ignored.filter(({ reason }) => !['geometry', 'superseded'].includes(reason))).toEqual([]);
  });
});

describeReal('real playback files', ['playback/CC_S_20240625_000607.json'], () => {
  it('fill sky and simulation keywords of any CCD', () => {
    const name = 'CC_S_20240625_000607';
    const text = readFileSync(realData(`playback/${name}.json`), 'utf8');
    const header = mergeHeader(parsePackage(text, { where: name, obsid: name }), ccd);
    const cards = textCards(composeHeaders(headerInput({ obsid: name, header }), seal).primary);
    expect(['RA', 'FILTER', 'RADESYS', 'SIMULATED MJD-OBS', 'CCDSLOT'].map((k) => cardValue(cards, k))).toEqual([
      309.9525336305034,
      'r_03',
      'ICRS',
      60487.228325423515,
      'S01',
    ]);
    expect(cards.join()).not.toMatch(/CHIPID|OUTFILE/);
  });
});
