import { describe, expect, it } from 'vitest';
import { loadCamera } from '../../src/camera/load.js';
import { ccdBySlot } from '../../src/camera/locations.js';
import type { Camera } from '../../src/camera/types.js';
import type { HeaderInput } from '../../src/fits/facts.js';
import { composeHeaders } from '../../src/fits/headers.js';
import { PRIMARY } from '../../src/fits/tables/primary.js';
import { isHeading } from '../../src/fits/tables/rows.js';
import { cardValue, keywordOf, readHdus, textCards } from '../support/fits-cards.js';
import { headerInput, merged } from '../support/header-input.js';
import { describeReal, realData } from '../support/real-data.js';
import { seal } from '../support/seal.js';

const E2V_FILE = 'fits/MC_C_20211212_000310_R22_S22.fits.gz';
const FILE = 'fits/CC_S_20240404_000780_R22_S01.fits.gz';

/** Every keyword whose card may differ from the real file, and why. */
const PRIMARY_REASONS: Readonly<Record<string, string>> = {
  SIMPLE: 'the comment names the writer, and that is this program',
  IHVERS: 'names the writer, and that is this program',
  MJD: 'the real file computes it through a Julian date, whose double has steps of 40 microseconds; ours is exact',
  'MJD-OBS': 'as MJD',
  'MJD-TRG': 'as MJD',
  'MJD-BEG': 'as MJD',
  'MJD-END': 'as MJD',
  RADESYS: 'undefined in the real file; readers call a reserved string without value an error, so it is left out',
  OBJECT: 'as RADESYS',
  CHECKSUM: 'a sum over other cards; its time is that of this file',
};
const SEGMENT_REASONS: Readonly<Record<string, string>> = {
  PCOUNT: 'filled in by the addon',
  TFORM1: 'filled in by the addon',
  ZHECKSUM: 'filled in by the addon',
  ZDATASUM: 'filled in by the addon',
  CHECKSUM: 'filled in by the addon; its time is that of this file',
  DATASUM: 'filled in by the addon; its time is that of this file',
};

describeReal('the header of a real file, composed from the facts of its exposure', [FILE], () => {
  const real = readHdus(realData(FILE)).map((hdu) => hdu.cards);
  const headers = composeHeaders(realInput(real), seal);
  const hdus = [headers.primary, ...headers.segments.map(({ cards }) => cards), headers.rebCond, headers.configCond];
  const ours = hdus.map(textCards);

  it('has the same HDUs', () => expect(ours).toHaveLength(real.length));

  it('differs in the primary header only where there is a reason', () => {
    expectOnly(differences(ours[0], real[0]), PRIMARY_REASONS);
    expect([...headers.omitted].sort()).toEqual(['OBJECT', 'RADESYS']);
    expect(ours[0]).toHaveLength((real[0]?.length ?? 0) - 2);
  });

  it('keeps times to the millisecond and MJD to 25 microseconds', () => {
    for (const suffix of ['', '-OBS', '-TRG', '-BEG', '-END']) {
      expect(cardValue(ours[0] ?? [], `DATE${suffix}`)).toBe(cardValue(real[0] ?? [], `DATE${suffix}`));
      const [mine, theirs] = [ours[0], real[0]].map((cards) => Number(cardValue(cards ?? [], `MJD${suffix}`)));
      expect(Math.abs((mine ?? 0) - (theirs ?? 1)) * 86400e6).toBeLessThan(25);
    }
  });

  it.each(Array.from({ length: 16 }, (_, i) => i + 1))('differs in segment HDU %i only in sums and lengths', (hdu) => {
    expectOnly(differences(ours[hdu], real[hdu]), SEGMENT_REASONS);
  });

  it.each([17, 18])('differs in HDU %i in its sum only', (hdu) => {
    expectOnly(differences(ours[hdu], real[hdu]), { CHECKSUM: 'the real sum is of the same cards' });
    const checksum = [ours[hdu], real[hdu]].map((cards) => cardValue(cards ?? [], 'CHECKSUM'));
    expect(checksum[0]).toBe(checksum[1]);
  });

  it('the reasons are all needed', () => {
    const seen = new Set(differences(ours[0], real[0]).map(({ keyword }) => keyword));
    expect(Object.keys(PRIMARY_REASONS).filter((keyword) => !seen.has(keyword))).toEqual([]);
  });
});

describeReal('segments of a real e2v file, from LSSTCam’s camera data', [E2V_FILE], () => {
  const real = readHdus(realData(E2V_FILE)).map((hdu) => hdu.cards);
  const camera = loadCamera('lsstcam');
  const input = headerInput({ camera, ...ccdBySlot(camera, 'R22', 'S22'), obsid: 'MC_C_20211212_000310' });
  const ours = composeHeaders(input, seal).segments.map(({ cards }) => textCards(cards));

  it.each(Array.from({ length: 16 }, (_, i) => i + 1))(
    'HDU %i has the same boxes, transformations and WCS sets',
    (hdu) => {
      const geometry = (cards: readonly string[] = []): string[] => {
        const names = cards.map(keywordOf);
        return cards.slice(names.indexOf('CHANNEL'), names.indexOf('CRVAL2Q') + 1);
      };
      expect(geometry(ours[hdu - 1])).toEqual(geometry(real[hdu]));
      expect(geometry(real[hdu])).toHaveLength(12 + 7 * 13);
    },
  );
});

describe('the list of differences', () => {
  it('shows changed, absent and moved cards', () => {
    const a = ['A       = 1', 'B       = 2', 'C       = 3'].map((card) => card.padEnd(80));
    const b = ['B       = 2', 'A       = 9'].map((card) => card.padEnd(80));
    expect(differences(a, b).map(({ keyword }) => keyword)).toEqual(['A', 'C', 'order']);
  });
});

interface Difference {
  readonly keyword: string;
  readonly ours: string | undefined;
  readonly real: string | undefined;
}

/** Cards that only one has or that differ, by keyword (headings by their text), and whether what both have stands in the same order. */
function differences(ours: readonly string[] = [], real: readonly string[] = []): Difference[] {
  const name = (card: string): string => keywordOf(card) || card;
  const [mine, theirs] = [ours, real].map((cards) => new Map(cards.map((card) => [name(card), card])));
  const names = [...new Set([...(mine?.keys() ?? []), ...(theirs?.keys() ?? [])])];
  const changed = names
    .map((keyword) => ({ keyword, ours: mine?.get(keyword), real: theirs?.get(keyword) }))
    .filter((difference) => difference.ours !== difference.real);
  const common = (cards: readonly string[]) => cards.map(name).filter((n) => mine?.has(n) && theirs?.has(n));
  const [first, second] = [common(ours).join('|'), common(real).join('|')];
  return first === second ? changed : [...changed, { keyword: 'order', ours: first, real: second }];
}

function expectOnly(found: readonly Difference[], reasons: Readonly<Record<string, string>>): void {
  expect(found.filter(({ keyword }) => !(keyword in reasons))).toEqual([]);
}

function realInput(real: readonly (readonly string[])[]): HeaderInput {
  const primary = real[0] ?? [];
  const value = (keyword: string) => cardValue(primary, keyword) ?? null;
  const text = (keyword: string) => String(value(keyword));
  const input = headerInput();
  // The camera's data say ComCam; this image was taken by its simulator, which is another value of the same card.
  const camera: Camera = { ...input.camera, instrume: text('INSTRUME') };
  const service = PRIMARY.flatMap((row) => (isHeading(row) || row[3] !== 'service' ? [] : [row[0]]));
  return {
    ...input,
    camera,
    obsid: text('OBSID'),
    createdAt: text('DATE'),
    daq: {
      tag: text('IMAGETAG'),
      folder: text('DAQFOLD'),
      annotation: text('OBSANNOT'),
      triggerNs: `${BigInt(Date.parse(`${text('DATE-TRG')}Z`)) * 1_000_000n}`,
      version: {
        tag: 'R5-V8.1',
        buildTimeNs: `${BigInt(Date.parse('2023-12-05T02:49:12Z')) * 1_000_000n}`,
        hash: '5acbb461',
      },
      partition: text('DAQPART'),
      emulatedImage: text('EMUIMAGE'),
      firmware: text('FIRMWARE'),
      serial: text('CONTNUM'),
      platform: text('PLATFORM'),
    },
    exposure: {
      ...input.exposure,
      startIntegration: text('DATE-BEG'),
      endIntegration: text('DATE-END'),
      imageType: text('IMGTYPE'),
      testType: text('TESTTYPE'),
      groupId: text('GROUPID'),
      program: text('PROGRAM'),
      reason: null,
      curIndex: Number(value('CURINDEX')),
      maxIndex: Number(value('MAXINDEX')),
      exposureTime: Number(value('EXPTIME')),
      darkTime: Number(value('DARKTIME')),
    },
    conditions: Object.fromEntries(
      [...primary, ...(real[17] ?? []), ...(real[18] ?? [])].map((card) => [
        keywordOf(card),
        cardValue([card], keywordOf(card)) ?? null,
      ]),
    ),
    header: merged(Object.fromEntries(service.map((keyword) => [keyword, value(keyword)]))),
  };
}
