import { describe, expect, it } from 'vitest';
import { readFitsBytes } from '../../src/fits/reader.js';
import { identifyCcd } from '../../src/quicklook/identify.js';
import { type CardSpec, primary } from '../support/fits-bytes.js';

function identify(cards: readonly CardSpec[], name = 'x.fits', camera?: string): string {
  const [hdu] = readFitsBytes(`/data/${name}`, primary(cards)).hdus;
  if (hdu === undefined) throw new Error('no HDU');
  const identity = identifyCcd(hdu, camera);
  return `${identity.camera.name} ${identity.raft.bay}_${identity.ccd.sensor} ${identity.type.manufacturer} ${identity.obsid}`;
}

const slot: CardSpec[] = [
  ['RAFTBAY', 'R22'],
  ['CCDSLOT', 'S11'],
];

describe('the CCD of a file is told', () => {
  it.each<[string, CardSpec[], string]>([
    [
      'by CAMCODE',
      [['CAMCODE', 'CC'], ['OBSID', 'CC_O_20241108_000266'], ...slot],
      'comcam R22_S11 ITL CC_O_20241108_000266',
    ],
    ['by TELCODE of older files', [['TELCODE', 'MC'], ...slot], 'lsstcam R22_S11 E2V x'],
    ['by the image’s name', [['OBSID', 'MC_C_20191101_002212'], ...slot], 'lsstcam R22_S11 E2V MC_C_20191101_002212'],
    ['by INSTRUME, however it is written', [['INSTRUME', 'COMCAM'], ...slot], 'comcam R22_S11 ITL x'],
  ])('%s', (_name, cards, expected) => {
    expect(identify(cards)).toBe(expected);
  });

  it('by the raft’s serial and the file’s name where a test stand gave no slot', () => {
    const cards: CardSpec[] = [['RAFTNAME', 'LCA-11021_RTM-010-Dev']];
    expect(identify(cards, 'TS8_20180724_RTM-010_S11.fits.gz')).toBe('lsstcam R33_S11 E2V TS8_20180724_RTM-010_S11');
    expect(identify([], 'TS8_20180724_RTM-010_S11.fits')).toBe('lsstcam R33_S11 E2V TS8_20180724_RTM-010_S11');
  });

  it('by a camera that the user names', () => {
    expect(identify([['CAMCODE', 'CC'], ...slot], 'x.fits', 'lsstcam')).toBe('lsstcam R22_S11 E2V x');
    expect(identify([], 'a_R10_S02.fits', 'lsstcam')).toBe('lsstcam R10_S02 ITL a_R10_S02');
  });

  it('or the error names the flag', () => {
    expect(() => identify(slot)).toThrow(
      expect.objectContaining({ code: 'CAPTURE_FLAG_NEEDED', message: expect.stringContaining('--camera') }),
    );
    expect(() => identify([['CAMCODE', 'CC']])).toThrow(expect.objectContaining({ code: 'LOCATION_UNKNOWN' }));
    expect(() => identify(slot, 'x.fits', 'nocam')).toThrow(expect.objectContaining({ code: 'CAMERA_UNKNOWN' }));
  });
});
