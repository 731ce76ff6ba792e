import { describe, expect, it } from 'vitest';
import { smallGeometry } from '../../src/camera/geometry.js';
import { loadCamera } from '../../src/camera/load.js';
import { ccdBySlot } from '../../src/camera/locations.js';
import type { HeaderInput } from '../../src/fits/facts.js';
import { composeHeaders } from '../../src/fits/headers.js';
import { NO_HEADER } from '../../src/model/header-package.js';
import { cardValue, keywordOf, textCards } from '../support/fits-cards.js';
import { headerInput, merged } from '../support/header-input.js';
import { seal } from '../support/seal.js';

const compose = (changes: Partial<HeaderInput> = {}) => composeHeaders(headerInput(changes), seal);
const primaryOf = (changes: Partial<HeaderInput> = {}) => textCards(compose(changes).primary);
const exposure = headerInput().exposure;

describe('times', () => {
  it('are TAI, and each MJD is of the same instant as its DATE', () => {
    const cards = primaryOf();
    expect(cardValue(cards, 'DATE')).toBe('2024-11-09T06:35:13.753');
    expect(cardValue(cards, 'DATE-OBS')).toBe('2024-11-09T06:34:41.323');
    expect(cardValue(cards, 'DATE-TRG')).toBe('2024-11-09T06:35:11.749');
    expect(cardValue(cards, 'TIMESYS')).toBe('TAI');
    for (const suffix of ['', '-OBS', '-TRG', '-BEG', '-END']) {
      const days = Date.parse(`${cardValue(cards, `DATE${suffix}`)}Z`) / 86_400_000 + 40587;
      expect(Math.abs(Number(cardValue(cards, `MJD${suffix}`)) - days)).toBeLessThan(1e-11);
    }
  });

  it('DATE never equals DATE-OBS', () => {
    const cards = primaryOf({ createdAt: '2024-11-09T06:34:41.3237' });
    expect(cardValue(cards, 'DATE-OBS')).toBe('2024-11-09T06:34:41.323');
    expect(cardValue(cards, 'DATE')).toBe('2024-11-09T06:34:41.324');
  });

  it('of the exposure come from the package where the camera said nothing', () => {
    const silent = { ...exposure, startIntegration: null, endIntegration: null };
    const cards = primaryOf({
      exposure: silent,
      header: merged({ 'DATE-BEG': '2024-11-09T06:34:40.000', 'MJD-BEG': 1 }),
    });
    expect(cardValue(cards, 'DATE-BEG')).toBe('2024-11-09T06:34:40.000');
    expect(cardValue(cards, 'MJD-BEG')).toBeCloseTo(60623.2740741, 6);
    const none = compose({ exposure: silent, header: merged({ 'DATE-BEG': 'yesterday' }) });
    expect(cardValue(textCards(none.primary), 'DATE-BEG')).toBeUndefined();
    expect(none.omitted).toEqual(expect.arrayContaining(['DATE-OBS', 'MJD-OBS', 'DATE-BEG', 'MJD-BEG', 'DATE-END']));
  });

  it('the service’s DATE, which is UTC, is never used', () => {
    const headers = compose({ header: merged({ DATE: '2024-11-09T06:34:36.000', MJD: 60623.1 }) });
    expect(cardValue(textCards(headers.primary), 'DATE')).toBe('2024-11-09T06:35:13.753');
    expect(headers.ignored.map(({ keyword, reason }) => `${keyword} ${reason}`)).toEqual([
      'DATE superseded',
      'MJD superseded',
    ]);
  });

  it('inside comments are those of createdAt: UTC where fpack writes UTC', () => {
    const headers = compose();
    expect(textCards(headers.primary)[0]).toContain('/ ccarchiver 0.1.0: 2024-11-09T06:35:13.753 TAI');
    for (const cards of [headers.primary, headers.segments[0]?.cards ?? new Uint8Array()]) {
      expect(Buffer.from(cards).toString()).toContain('HDU checksum updated 2024-11-09T06:34:36');
    }
  });

  it('of the DAQ that are none leave DATE-TRG out', () => {
    const daq = { ...headerInput().daq, triggerNs: 'x', version: { tag: 'R5', buildTimeNs: '-1', hash: 'ab' } };
    const cards = primaryOf({ daq });
    expect(cardValue(cards, 'DATE-TRG')).toBeUndefined();
    expect(cardValue(cards, 'DAQVERS')).toBe('R5 unknown (ab)');
  });

  it('a createdAt that is no time is refused', () => {
    expect(() => compose({ createdAt: 'now' })).toThrow(expect.objectContaining({ code: 'HEADER_VALUE' }));
  });
});

describe('values', () => {
  it('CURINDEX is the index and MAXINDEX the count', () => {
    const cards = primaryOf();
    expect([cardValue(cards, 'CURINDEX'), cardValue(cards, 'MAXINDEX')]).toEqual([1, 2]);
  });

  it('the name gives OBSID, CAMCODE, CONTRLLR, DAYOBS, SEQNUM and FILENAME', () => {
    const cards = primaryOf();
    const keywords = ['OBSID', 'CAMCODE', 'CONTRLLR', 'DAYOBS', 'SEQNUM', 'FILENAME'];
    expect(keywords.map((keyword) => cardValue(cards, keyword))).toEqual([
      'CC_O_20241108_000266',
      'CC',
      'O',
      '20241108',
      266,
      'CC_O_20241108_000266_R22_S01.fits',
    ]);
  });

  it('IHVERS names this program; FPVERS is undefined until the focal plane tells it', () => {
    expect(cardValue(primaryOf(), 'IHVERS')).toBe('ccarchiver 0.1.0');
    expect(cardValue(primaryOf(), 'FPVERS')).toBeNull();
    expect(cardValue(primaryOf({ conditions: { FPVERS: 'emulator 0.1.0' } }), 'FPVERS')).toBe('emulator 0.1.0');
  });

  it('the image type is UNKNOWN rather than undefined', () => {
    expect(cardValue(primaryOf({ exposure: { ...exposure, imageType: null } }), 'IMGTYPE')).toBe('UNKNOWN');
  });

  it('EMUIMAGE stands in replayed images only', () => {
    expect(cardValue(primaryOf(), 'EMUIMAGE')).toBeUndefined();
    const daq = { ...headerInput().daq, emulatedImage: 'CC_S_20240405_000909' };
    expect(cardValue(primaryOf({ daq }), 'EMUIMAGE')).toBe('CC_S_20240405_000909');
  });

  it('conditions of a wrong type stand undefined and are listed', () => {
    const headers = compose({
      conditions: { SEQCKSUM: 'a\nb', FPDAQCS: 7, TEMP1: 'warm', HVBIAS: 'ON', AP0_RC: 14.5 },
    });
    expect(cardValue(textCards(headers.primary), 'SEQCKSUM')).toBeNull();
    expect(headers.ignored).toContainEqual({ section: 'facts', keyword: 'SEQCKSUM', reason: 'value', text: 'a\nb' });
    expect(cardValue(textCards(headers.configCond), 'FPDAQCS')).toBe('7');
    const reb = textCards(headers.rebCond);
    expect(['TEMP1', 'AP0_RC', 'HVBIAS', 'POWER'].map((k) => cardValue(reb, k))).toEqual([null, null, 'ON', null]);
  });

  it('additional keys of the exposure follow REASON; hostile ones are refused', () => {
    const additional = {
      ALTOFF: 1.5,
      BLOCK: 'BLOCK-320',
      REASON: 'x',
      SIMPLE: 'F',
      DATASEC: '[1:1]',
      'a b': 1,
      __proto__x: 1,
    };
    const headers = compose({ exposure: { ...exposure, additional } });
    const keywords = textCards(headers.primary).map(keywordOf);
    expect(keywords.slice(keywords.indexOf('REASON'), keywords.indexOf('REASON') + 3)).toEqual([
      'REASON',
      'ALTOFF',
      'BLOCK',
    ]);
    expect(headers.ignored.map(({ keyword, reason }) => `${keyword} ${reason}`)).toEqual([
      'REASON superseded',
      'SIMPLE forbidden',
      'DATASEC geometry',
      'a b keyword',
      '__proto__x keyword',
    ]);
  });
});

describe('header status and product', () => {
  it('a complete raw file has no mark of ours', () => {
    const keywords = primaryOf({ header: merged({}) }).map(keywordOf);
    expect(keywords.filter((keyword) => /^(HDRSTAT|XTALK)/.test(keyword))).toEqual([]);
  });

  it('HDRSTAT says PARTIAL or MISSING', () => {
    expect(cardValue(primaryOf({ header: NO_HEADER }), 'HDRSTAT')).toBe('MISSING');
    expect(cardValue(primaryOf({ header: { ...merged({}), status: 'PARTIAL' } }), 'HDRSTAT')).toBe('PARTIAL');
  });

  it('the corrected product names its coefficients right after HEADVER', () => {
    const cards = primaryOf({ product: 'corrected', header: merged({}) });
    const at = cards.findIndex((card) => card.startsWith('HEADVER'));
    expect(cards.slice(at + 1, at + 5).map(keywordOf)).toEqual(['XTALKCOR', 'XTALKORD', 'XTALKCAL', 'XTALKSUM']);
    expect(['XTALKCOR', 'XTALKORD', 'XTALKCAL', 'XTALKSUM'].map((k) => cardValue(cards, k))).toEqual([
      true,
      2,
      'ComCam ITL median',
      'a'.repeat(64),
    ]);
  });

  it('a corrected product without coefficients is a defect', () => {
    const { crosstalk: _, ...input } = headerInput({ product: 'corrected' });
    expect(() => composeHeaders(input, seal)).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
  });
});

describe('all headers of a file', () => {
  it('stand in one buffer of their own, which can be handed to a thread without a copy', () => {
    const { primary, rebCond, configCond, segments } = compose();
    const views = [primary, ...segments.flatMap(({ cards, image }) => [cards, image ?? primary]), rebCond, configCond];
    expect([...new Set(views.map(({ buffer }) => buffer))]).toEqual([primary.buffer]);
    const bytes = [...new Set(views)].reduce((sum, view) => sum + view.length, 0);
    expect(primary.buffer.byteLength).toBe(bytes);
    const handed = structuredClone(primary, { transfer: [primary.buffer as ArrayBuffer] });
    expect(textCards(handed)[0]).toMatch(/^SIMPLE/);
  });

  it('are not changed by what a later file says', () => {
    const first = compose();
    const before = Buffer.from(first.primary.buffer).toString('latin1');
    compose({ createdAt: '2024-11-09T06:35:14.000', conditions: { TEMP1: 3 } });
    expect(Buffer.from(first.primary.buffer).toString('latin1')).toBe(before);
  });
});

describe('other cameras by their data alone', () => {
  it('a camera of the same CCDs with other sensors has headers of its own', () => {
    const comcam = loadCamera('comcam');
    const dataSections = [comcam, smallGeometry(comcam, { columns: 72, rows: 32 }), comcam].map((camera) => {
      const [first] = compose({ camera, ...ccdBySlot(camera, 'R22', 'S01') }).segments;
      return cardValue(textCards(first?.cards ?? new Uint8Array()), 'DATASEC');
    });
    expect(dataSections).toEqual(['[4:512,1:2000]', '[4:56,1:28]', '[4:512,1:2000]']);
  });

  it('a CCD in another raft has the coordinates of that one', () => {
    const { raft } = headerInput();
    const origins = [raft, { ...raft, bay: 'R34' }, raft].map((one) => {
      const [first] = compose({ raft: one }).segments;
      const cards = textCards(first?.cards ?? new Uint8Array());
      return ['CRVAL1R', 'CRVAL1F'].map((keyword) => cardValue(cards, keyword));
    });
    expect(origins[1]).not.toEqual(origins[0]);
    expect(origins[2]).toEqual(origins[0]);
  });

  it('e2v sensors of LSSTCam', () => {
    const camera = loadCamera('lsstcam');
    const headers = compose({ camera, ...ccdBySlot(camera, 'R33', 'S11'), obsid: 'MC_O_20250415_000060' });
    const primary = textCards(headers.primary);
    expect(['INSTRUME', 'CCD_MANU', 'DETSIZE', 'RAFTBAY'].map((k) => cardValue(primary, k))).toEqual([
      camera.instrume,
      'E2V',
      '[1:4096,1:4004]',
      'R33',
    ]);
    const [first] = headers.segments;
    expect(cardValue(textCards(first?.cards ?? new Uint8Array()), 'DATASEC')).toBe('[11:522,1:2002]');
  });

  it('a corner sensor has no place in the grid of science sensors, so no raft and focal-plane coordinates', () => {
    const camera = loadCamera('lsstcam');
    const headers = compose({ camera, ...ccdBySlot(camera, 'R00', 'SG0'), obsid: 'MC_O_20250415_000060' });
    const cards = textCards(headers.segments[0]?.cards ?? new Uint8Array());
    expect(cards.map(keywordOf).filter((keyword) => keyword.startsWith('WCSNAME'))).toEqual([
      'WCSNAMEA',
      'WCSNAMEC',
      'WCSNAMEB',
    ]);
  });
});
