import { describe, expect, it } from 'vitest';
import type { HeaderInput } from '../../src/fits/facts.js';
import { composeHeaders } from '../../src/fits/headers.js';
import { cardValue, textCards } from '../support/fits-cards.js';
import { headerInput, merged, packageRecord } from '../support/header-input.js';
import { seal } from '../support/seal.js';

const compose = (changes: Partial<HeaderInput> = {}) => composeHeaders(headerInput(changes), seal);
const primaryOf = (changes: Partial<HeaderInput> = {}) => textCards(compose(changes).primary);

describe('values from the header package', () => {
  it('update their card in place and never add a second one', () => {
    const cards = primaryOf({
      header: merged({ RA: 53.5, FILTBAND: 'y', FILTPOS: 1, CCD_TYPE: 2, SEQCKSUM: 'Unknown' }),
    });
    expect(cards.filter((card) => card.startsWith('RA  '))).toHaveLength(1);
    expect(cards.find((card) => card.startsWith('FILTPOS'))).toContain(' 1.0 /');
    expect(cardValue(cards, 'FILTBAND')).toBe('y');
    expect(cardValue(cards, 'CCD_TYPE')).toBe('3800C');
    expect(cards.filter((card) => card.startsWith('SEQCKSUM'))).toHaveLength(1);
  });

  it('without value stand undefined, but reserved ones are left out, listed, and null in the sidecar', () => {
    const headers = compose({
      header: merged({ AIRTEMP: 'nan', SEEING: '.inf', OBJECT: null, ROTPA: '1e999', HASTART: '' }),
    });
    const cards = textCards(headers.primary);
    expect(['AIRTEMP', 'SEEING', 'ROTPA', 'HASTART'].map((keyword) => cardValue(cards, keyword))).toEqual([
      null,
      null,
      null,
      null,
    ]);
    expect(cardValue(cards, 'OBJECT')).toBeUndefined();
    expect(headers.omitted).toEqual(['RADESYS', 'OBJECT']);
    const sidecar = JSON.parse(Buffer.from(headers.sidecar).toString());
    expect(sidecar).toMatchObject({ AIRTEMP: null, OBJECT: null, RADESYS: null });
  });

  it('an unknown LSST_NUM stands neither in the header nor in the sidecar', () => {
    const input = headerInput();
    const headers = compose({ ccd: { ...input.ccd, lsstNum: null } });
    expect(headers.omitted).toContain('LSST_NUM');
    expect(Buffer.from(headers.primary).toString()).not.toContain('LSST_NUM');
    expect(Buffer.from(headers.sidecar).toString()).not.toContain('LSST_NUM');
  });

  it('that no table knows follow in order under their headings, before the checksums', () => {
    const primary = [
      packageRecord(null, null, '---- Empty ----'),
      packageRecord(null, null, '---- Observatory ----'),
      packageRecord('ORIGIN', 'Rubin', 'who'),
      packageRecord('GRATPOS', 1.5),
      packageRecord('INSTPORT', null),
      packageRecord('RA', 1),
      packageRecord(null, null, '---- More ----'),
      packageRecord('HASSHUT', true),
    ];
    const cards = primaryOf({ header: { ...merged({}), primary } }).map((card) => card.trimEnd());
    const at = cards.findIndex((card) => card.includes('---- Observatory'));
    expect(cards.slice(at - 1, at + 8)).toEqual([
      '',
      '        ---- Observatory ----',
      "ORIGIN  = 'Rubin   '           / who",
      'GRATPOS =                  1.5',
      'INSTPORT=',
      '',
      '        ---- More ----',
      'HASSHUT =                    T',
      '        ---- Checksums ----',
    ]);
    expect(cards.join()).not.toContain('Empty');
  });

  it('can change neither structure nor geometry', () => {
    const hostile = {
      NAXIS: 7,
      XTENSION: 'TABLE',
      BZERO: 32768,
      ZIMAGE: true,
      CHECKSUM: 'x',
      XTALKCOR: true,
      DETSIZE: '[1:2,1:2]',
      DATASEC: '[1:509,1:2000]',
      CRVAL1: 5,
      OVERH: 32,
      END: 1,
      CONTINUE: 'x',
      'bad key': 1,
      OBSID: 'CC_O_20241108_000001',
    };
    const plain = primaryOf({ header: merged({}) }).map((card) => card.slice(0, 30));
    const headers = compose({ header: merged(hostile) });
    expect(textCards(headers.primary).map((card) => card.slice(0, 30))).toEqual(plain);
    const reasons = Object.fromEntries(headers.ignored.map(({ keyword, reason }) => [keyword, reason]));
    expect(reasons).toMatchObject({
      BZERO: 'forbidden',
      ZIMAGE: 'forbidden',
      CHECKSUM: 'forbidden',
      XTALKCOR: 'superseded',
    });
    expect(reasons).toMatchObject({ DETSIZE: 'geometry', DATASEC: 'geometry', CRVAL1: 'geometry', OVERH: 'geometry' });
    expect(reasons).toMatchObject({ END: 'keyword', CONTINUE: 'keyword', 'bad key': 'keyword', OBSID: 'superseded' });
  });

  it('a text that could forge cards stands undefined and is listed', () => {
    const headers = compose({ header: merged({ TRACKSYS: "x'\nEND", GRATING: 'a\u0000b' }) });
    expect(cardValue(textCards(headers.primary), 'TRACKSYS')).toBeNull();
    expect(headers.ignored.map(({ keyword, reason }) => `${keyword} ${reason}`)).toEqual([
      'TRACKSYS value',
      'GRATING value',
    ]);
  });

  it('an over-long text is cut and listed', () => {
    const headers = compose({ header: merged({ OBJECT: 'x'.repeat(90) }) });
    expect(cardValue(textCards(headers.primary), 'OBJECT')).toBe('x'.repeat(68));
    expect(headers.ignored).toContainEqual(expect.objectContaining({ keyword: 'OBJECT', reason: 'truncated' }));
  });

  it('a playback file fills what describes the sky, and nothing of another CCD', () => {
    const header = {
      ...merged({ RA: 12.5, CCDSLOT: 'S11', CHIPID: 'R22_S11', IMAGETAG: 'abc' }),
      layout: 'common',
    } as const;
    const headers = compose({ header });
    const cards = textCards(headers.primary);
    expect([cardValue(cards, 'RA'), cardValue(cards, 'CCDSLOT'), cardValue(cards, 'CHIPID')]).toEqual([
      12.5,
      'S01',
      undefined,
    ]);
    expect(headers.ignored).toContainEqual({
      section: 'PRIMARY',
      keyword: 'CHIPID',
      reason: 'foreign',
      text: 'R22_S11',
    });
  });
});
