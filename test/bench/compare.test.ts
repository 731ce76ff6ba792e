import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { differenceOf } from '../../bench/compare.js';
import { SMALL_CAMERA } from '../daq/images.js';
import { writeCcdFile } from '../support/ccd-files.js';
import { tempDir } from '../support/temp.js';

const PIXELS = 4000;

/** Folders with an answer each. */
function answers(ours: Uint8Array, theirs: Uint8Array): [string, string] {
  const root = tempDir();
  const folders: [string, string] = [join(root, 'ours'), join(root, 'theirs')];
  [ours, theirs].forEach((bytes, i) => {
    mkdirSync(folders[i] as string);
    writeFileSync(join(folders[i] as string, 'answer'), bytes);
  });
  return folders;
}

function pixels(change: (values: Int32Array) => void = () => undefined): Uint8Array {
  const values = Int32Array.from({ length: PIXELS }, (_, i) => 25000 + (i % 100));
  change(values);
  return new Uint8Array(values.buffer);
}

describe('answers of contenders', () => {
  it('are the same bytes or a difference that says where', () => {
    const bytes = Uint8Array.of(1, 2, 3);
    expect(differenceOf('bytes', 'equal', ...answers(bytes, bytes))).toBeUndefined();
    expect(differenceOf('bytes', 'equal', ...answers(bytes, Uint8Array.of(1, 2, 4)))).toContain('byte 2 of 3');
    expect(differenceOf('bytes', 'equal', ...answers(bytes, Uint8Array.of(1, 2)))).toContain('2 bytes, ours has 3');
  });

  it('may differ by 1 adu in few pixels where sums round differently, and nowhere else', () => {
    const few = pixels((values) => {
      values[7] = (values[7] ?? 0) + 1;
    });
    expect(differenceOf('pixels', 'rounding', ...answers(pixels(), few))).toBeUndefined();
    expect(differenceOf('pixels', 'equal', ...answers(pixels(), few))).toContain('1 of 4000 pixels differ');
    const far = pixels((values) => {
      values[7] = (values[7] ?? 0) - 2;
    });
    expect(differenceOf('pixels', 'rounding', ...answers(pixels(), far))).toContain('by up to 2');
    const many = pixels((values) => {
      for (let i = 0; i < PIXELS; i += 50) values[i] = (values[i] ?? 0) + 1;
    });
    expect(differenceOf('pixels', 'rounding', ...answers(pixels(), many))).toContain('80 of 4000');
  });
});

/** A CCD's file whose pixels are all of this value, in a folder of its own. */
function ccdFile(value: number): Promise<string> {
  return writeCcdFile({ camera: SMALL_CAMERA, folder: tempDir(), raft: 'R22', sensor: 'S00', pixel: () => value });
}

/** A folder that holds copies of files under these names. */
function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = tempDir();
  for (const [name, from] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    cpSync(from, join(folder, name));
  }
  return folder;
}

describe('files of contenders', () => {
  const S00 = 'corrected/20261121/CC_S_20261121_000001_R22_S00.fits';
  const S01 = 'corrected/20261121/CC_S_20261121_000001_R22_S01.fits';

  it('are paired with ours by product and sensor, whoever named them', async () => {
    const [one, two] = [await ccdFile(100), await ccdFile(200)];
    const ours = folderOf({ [S00]: one, [S01]: two });
    const peers = folderOf({ 'corrected_R22_S00.fits': one, 'corrected_R22_S01.fits': two });
    const rafts = folderOf({ [S00]: one, [S00.replace('R22', 'R01')]: one, [S01]: two });
    for (const theirs of [peers, ours, rafts]) expect(differenceOf('fits', 'equal', ours, theirs)).toBeUndefined();
  });

  it('differ by a pixel, by a file too many or by one too few', async () => {
    const [one, two] = [await ccdFile(100), await ccdFile(101)];
    const ours = folderOf({ [S00]: one, [S01]: one });
    const difference = (files: Record<string, string>) => differenceOf('fits', 'equal', ours, folderOf(files));
    expect(difference({ [S00]: one, [S01]: two })).toMatch(/S01.fits: image 1: its compressed bytes differ from ours/);
    expect(difference({ [S00]: one })).toBe('it did not write corrected S01');
    expect(difference({ 'raw_R22_S00.fits': one })).toBe('it wrote raw_R22_S00.fits, ours has no such CCD');
  });
});
