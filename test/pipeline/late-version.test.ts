import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPixels } from '../../src/fits/pixels.js';
import { readFits } from '../../src/fits/reader.js';
import { loadNative } from '../../src/native/binding.js';
import type { Archiver } from '../../src/pipeline/archiver.js';
import type { FileRow } from '../../src/stage/port.js';
import { FIRST_IMAGE, LOCATIONS, SMALL_CAMERA } from '../daq/images.js';
import { codes, filesBelow } from '../support/archive.js';
import { headerPackage } from '../support/header-package.js';
import type { ManualTimer } from '../support/manual-timer.js';
import { tempDir } from '../support/temp.js';
import { expose, pass } from './standing-clock.js';

const night = { camera: SMALL_CAMERA, locations: LOCATIONS, stage: true };
const REVISED = 'archive/.revisions/2/';

function writePackage(headers: string): void {
  writeFileSync(join(headers, `${FIRST_IMAGE}.yaml`), headerPackage(FIRST_IMAGE, SMALL_CAMERA));
}

/** The image ends without a header package. */
async function passDeadline(clock: ManualTimer, { ledger }: Archiver): Promise<void> {
  await pass(clock, 35.2);
  await until(async () => (await ledger.view().image(FIRST_IMAGE))?.state === 'complete');
}

async function passUntilComplete(clock: ManualTimer, { ledger }: Archiver): Promise<void> {
  await until(async () => {
    await clock.advance(100);
    return (await ledger.view().image(FIRST_IMAGE))?.state === 'complete';
  });
}

/** Version 2 of every raw file is delivered. */
async function passUntilRevised(clock: ManualTimer, { ledger }: Archiver): Promise<void> {
  await until(async () => {
    await clock.advance(200);
    const files = (await ledger.view().image(FIRST_IMAGE))?.files ?? [];
    const second = files.filter(({ file }) => file.version === 2);
    return second.length === 9 && second.every(({ deliveries }) => deliveries.every((d) => d.state === 'delivered'));
  });
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Of a late run: versions 1 and 2 of every raw file. */
function versions(files: readonly FileRow[] | undefined): [first: FileRow, second: FileRow][] {
  const raw = (files ?? []).filter(({ file }) => file.product === 'raw');
  return raw
    .filter(({ file }) => file.version === 1)
    .map((first) => [
      first,
      raw.find((row) => row.file.version === 2 && row.file.sensor === first.file.sensor) ?? first,
    ]);
}

function expectSamePixels(root: string, [first, second]: [FileRow, FileRow]): void {
  const native = loadNative();
  const [before, after] = [readFits(join(root, first.path)), readFits(join(root, second.path))];
  expect([before, after].map(({ hdus }) => hdus[0]?.value('HDRSTAT'))).toEqual(['MISSING', undefined]);
  for (const hdu of before.hdus.filter(({ kind }) => kind === 'compressed-image')) {
    expect(readPixels(after.hdus[hdu.index] ?? hdu, native)).toEqual(readPixels(hdu, native));
  }
  before.close();
  after.close();
}

/** Keywords that hold a time of the exposure, or a sum over one. */
const TIMES = /^(DATE|MJD|CHECKSUM|DATASUM|ZHECKSUM|TSTAND|GROUPID|DARKTIME|EXPTIME|SHUTTIME)/;

function cardsBelow(folder: string): string[] {
  return filesBelow(folder)
    .filter((path) => path.endsWith('.fits'))
    .flatMap((path) => {
      const fits = readFits(join(folder, path));
      const texts = fits.hdus.flatMap(({ cards }) => cards.map(({ text }) => text));
      fits.close();
      return texts.filter((text) => !TIMES.test(text));
    });
}

describe('a header package that comes after its image was archived without it', () => {
  it('makes version 2 of the raw files, as version 1 would have been in time, for archive and DBB only', async () => {
    const inTime = await expose({
      ...night,
      afterwards: async (clock, headers, _root, archiver) => {
        writePackage(headers);
        await passUntilComplete(clock, archiver);
      },
    });
    const late = await expose({
      ...night,
      afterwards: async (clock, headers, _root, archiver) => {
        await passDeadline(clock, archiver);
        writePackage(headers);
        await passUntilRevised(clock, archiver);
      },
    });
    expect(codes(late.problems)).toEqual(['HEADER_MISSING']);
    const pairs = versions(late.rows[0]?.files);
    expect(pairs.length).toBe(9);
    for (const pair of pairs) expectSamePixels(late.root, pair);
    const below = (folder: string) => filesBelow(join(late.root, folder));
    // The camera's own times are those of another exposure; every other card is the same, in the same place.
    const cards = (root: string, folder: string) => cardsBelow(join(root, folder));
    expect(cards(late.root, REVISED)).toEqual(cards(inTime.root, 'archive/'));
    expect(below('dbb').filter((path) => path.startsWith('.revisions/2/')).length).toBe(18);
    for (const folder of ['oods', 'bucket', 'corrected']) {
      expect(below(folder).filter((path) => path.includes('.revisions'))).toEqual([]);
    }
  });

  it('is found by the next run, too', async () => {
    const [root, headers] = [tempDir(), tempDir()];
    await expose({ ...night, root, headers, afterwards: (clock, _h, _r, archiver) => passDeadline(clock, archiver) });
    writePackage(headers);
    const { rows, problems } = await expose({
      ...night,
      root,
      headers,
      isArchived: true,
      afterwards: (clock, _h, _r, archiver) => passUntilRevised(clock, archiver),
    });
    expect(codes(problems)).toEqual([]);
    for (const pair of versions(rows[0]?.files)) expectSamePixels(root, pair);
  });

  it('and cannot be used is told once, and waited for on', async () => {
    const { problems, rows } = await expose({
      ...night,
      afterwards: async (clock, headers, _root, archiver) => {
        await passDeadline(clock, archiver);
        const path = join(headers, `${FIRST_IMAGE}.yaml`);
        writeFileSync(path, 'no: [package');
        for (let round = 0; round < 3; round++) await pass(clock, 12);
        writePackage(headers);
        await passUntilRevised(clock, archiver);
      },
    });
    expect(codes(problems)).toEqual(['HEADER_INVALID', 'HEADER_MISSING']);
    expect(versions(rows[0]?.files).every(([, { header }]) => header === 'COMPLETE')).toBe(true);
  });
});
