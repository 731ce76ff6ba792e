import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { smallGeometry } from '../../src/camera/geometry.js';
import { ccdBySlot } from '../../src/camera/locations.js';
import type { ComposedHeaders, HeaderInput } from '../../src/fits/facts.js';
import { composeHeaders } from '../../src/fits/headers.js';
import { type MergedHeader, NO_HEADER } from '../../src/model/header-package.js';
import { type RawHdu, splitHdus, textCards } from '../support/fits-cards.js';
import { headerInput, merged } from '../support/header-input.js';
import { describeOracle, type Oracle, runOracle } from '../support/oracles.js';
import { fieldOf, paddedHeader, put, seal } from '../support/seal.js';
import { tempDir } from '../support/temp.js';

const ROWS = 20;
const COLUMNS = 40;

/** ComCam with small segments: the same cards around fewer pixels. */
function input(changes: Partial<HeaderInput> = {}): HeaderInput {
  const camera = smallGeometry(headerInput().camera, { columns: COLUMNS, rows: ROWS });
  return headerInput({ camera, ...ccdBySlot(camera, 'R22', 'S01'), ...changes });
}

/** An uncompressed file with a ramp in every segment, sealed by the test's own sums. */
function plainFile(headers: ComposedHeaders): Buffer {
  const segments = headers.segments.map(({ cards }, segment) => {
    const data = Buffer.alloc(Math.ceil((ROWS * COLUMNS * 4) / 2880) * 2880);
    for (let i = 0; i < ROWS * COLUMNS; i++) data.writeInt32BE(25_000 + segment * 100 + ((i * 7) % 61), i * 4);
    seal(cards, data);
    return Buffer.concat([paddedHeader(cards), data]);
  });
  return wholeFile(headers, segments);
}

function wholeFile({ primary, rebCond, configCond }: ComposedHeaders, segments: readonly Buffer[]): Buffer {
  return Buffer.concat([paddedHeader(primary), ...segments, paddedHeader(rebCond), paddedHeader(configCond)]);
}

function fitsverify(tool: Oracle, path: string): { errors: string[]; warnings: string[] } {
  const { stdout } = runOracle(tool, [path]);
  const lines = stdout.split('\n');
  return {
    errors: lines.filter((line) => line.startsWith('*** Error')),
    warnings: lines.filter((line) => line.startsWith('*** Warning')),
  };
}

describeOracle('fitsverify', 'fitsverify accepts the headers', (tool) => {
  const cases: [string, MergedHeader][] = [
    [
      'full',
      merged({ RA: 10.5, DEC: -30.25, OBJECT: "M'31", RADESYS: 'ICRS', AMSTART: 6.924e-310, 'SIMULATED MJD-OBS': 6e4 }),
    ],
    ['partial', { ...merged({ RA: null }), status: 'PARTIAL' }],
    ['missing', NO_HEADER],
  ];

  it.each(cases)('%s header package: no error, and no warning but of undefined keywords', (_, header) => {
    const path = join(tempDir(), 'plain.fits');
    writeFileSync(path, plainFile(composeHeaders(input({ header, compression: 'none' }), seal)));
    const { errors, warnings } = fitsverify(tool, path);
    expect(errors).toEqual([]);
    expect(warnings.filter((line) => !line.endsWith('has a null value.'))).toEqual([]);
  });

  it('nothing known of the exposure at all: still no error', () => {
    const exposure = Object.fromEntries(Object.keys(headerInput().exposure).map((key) => [key, null]));
    const silent = { ...exposure, additional: {} } as unknown as HeaderInput['exposure'];
    const path = join(tempDir(), 'plain.fits');
    writeFileSync(path, plainFile(composeHeaders(input({ exposure: silent, compression: 'none' }), seal)));
    expect(fitsverify(tool, path).errors).toEqual([]);
  });
});

describeOracle('fpack', 'our compressed headers', (fpack) => {
  it('are those that fpack writes for our uncompressed file, sums and lengths apart', () => {
    const packed = packedHdus(fpack, tempDir());
    const ours = composeHeaders(input(), seal).segments.map(({ cards }) => textCards(cards));
    const filledIn = /^(PCOUNT|TFORM1|Z?(HECKSUM|DATASUM|CHECKSUM))/;
    const comparable = (cards: readonly string[] = []): string[] =>
      cards.map((card) => (filledIn.test(card) ? card.slice(0, 10) : card));
    for (const [index, cards] of ours.entries())
      expect(comparable(cards)).toEqual(comparable(packed[index + 1]?.cards));
  });

  describeOracle('funpack', 'restored', (funpack) => {
    it('become exactly the image header', () => {
      const { images, restored } = restoredFile(fpack, funpack, tempDir());
      const hdus = splitHdus(readFileSync(restored));
      for (const [index, image] of images.entries()) expect(hdus[index + 1]?.cards).toEqual(textCards(image));
    });

    describeOracle('fitsverify', 'checked', (verifier) => {
      it('carry right sums before and after', () => {
        const { ours, restored } = restoredFile(fpack, funpack, tempDir());
        for (const path of [ours, restored]) {
          const { errors, warnings } = fitsverify(verifier, path);
          expect(errors).toEqual([]);
          expect(warnings.filter((line) => !line.endsWith('has a null value.'))).toEqual([]);
        }
      });
    });
  });
});

/** Our compressed file around fpack's tables, and what funpack makes of it without touching the sums. */
function restoredFile(fpack: Oracle, funpack: Oracle, folder: string) {
  const { file, images } = compressedFile(composeHeaders(input(), seal), packedHdus(fpack, folder));
  const [ours, restored] = [join(folder, 'ours.fits'), join(folder, 'restored.fits')];
  writeFileSync(ours, file);
  expect(runOracle(funpack, ['-C', '-O', restored, ours]).status).toBe(0);
  return { ours, restored, images };
}

function packedHdus(fpack: Oracle, folder: string): RawHdu[] {
  const [plain, packed] = [join(folder, 'plain.fits'), join(folder, 'packed.fits')];
  writeFileSync(plain, plainFile(composeHeaders(input({ compression: 'none' }), seal)));
  rmSync(packed, { force: true });
  expect(runOracle(fpack, ['-O', packed, plain]).status).toBe(0);
  return splitHdus(readFileSync(packed));
}

/** Our compressed headers around fpack's tables, filled in as the addon does it. */
function compressedFile(headers: ComposedHeaders, packed: readonly RawHdu[]): { file: Buffer; images: Uint8Array[] } {
  const plain = splitHdus(plainFile(composeHeaders(input({ compression: 'none' }), seal)));
  const images = headers.segments.map(({ image }) => image ?? new Uint8Array());
  const segments = headers.segments.map(({ cards }, index) => {
    const image = images[index] ?? new Uint8Array();
    seal(image, plain[index + 1]?.data ?? new Uint8Array());
    const table = packed[index + 1] ?? { cards: [], data: new Uint8Array() };
    const theirs = Buffer.from(table.cards.join(''), 'latin1');
    put(cards, 'PCOUNT', fieldOf(theirs, 'PCOUNT').padStart(20));
    put(cards, 'TFORM1', fieldOf(theirs, 'TFORM1'));
    put(cards, 'ZHECKSUM', fieldOf(image, 'CHECKSUM'));
    put(cards, 'ZDATASUM', fieldOf(image, 'DATASUM'));
    const data = Buffer.alloc(Math.ceil(table.data.length / 2880) * 2880);
    data.set(table.data);
    seal(cards, data);
    return Buffer.concat([paddedHeader(cards), data]);
  });
  return { file: wholeFile(headers, segments), images };
}
