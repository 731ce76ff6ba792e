import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { smallGeometry } from '../../src/camera/geometry.js';
import { loadCamera } from '../../src/camera/load.js';
import type { Camera } from '../../src/camera/types.js';
import { readFits } from '../../src/fits/reader.js';
import type { Archiver } from '../../src/pipeline/archiver.js';
import { emulation } from '../daq/emulation.js';
import { FIRST_IMAGE, LOCATIONS, SMALL_CAMERA, testImage } from '../daq/images.js';
import { archive, codes, filesBelow } from '../support/archive.js';
import { headerPackage } from '../support/header-package.js';
import { ManualTimer } from '../support/manual-timer.js';
import { tempDir } from '../support/temp.js';

/** LSSTCam with very small sensors: 71 sources, 205 CCDs, 5 MB. */
const LSSTCAM = smallGeometry(loadCamera('lsstcam'), { columns: 32, rows: 20 });
const ALL_LOCATIONS = LSSTCAM.rafts.flatMap(({ rebs }) => rebs.map(({ location }) => location));

interface Night {
  readonly camera: Camera;
  readonly locations: readonly string[];
  /** Called once all pixels are compressed and the readout has ended, at second 0 of the clock. */
  readonly afterwards: (clock: ManualTimer, headers: string, root: string) => Promise<void>;
}

/** One paced exposure on two workers; the clock of the deadlines stands still until `afterwards` moves it. */
async function expose({ camera, locations, afterwards }: Night) {
  const stored = [testImage(FIRST_IMAGE, camera, locations)] as const;
  const { emulator } = await emulation({ camera, stored, pace: 'realtime', start: 'first-subscriber' });
  const [clock, headers, root] = [new ManualTimer(), tempDir(), tempDir()];
  return archive({
    address: emulator.address,
    camera,
    root,
    clock,
    stage: false,
    settings: { header: headers, threads: 2 },
    meanwhile: async (archiver) => {
      await Promise.all(locations.map((location) => pixelsOf(archiver, location)));
      await emulator.finished;
      await afterwards(clock, headers, root);
    },
  });
}

/** Resolves when every band of a source is compressed and its sum is right. */
async function pixelsOf({ assembler }: Archiver, location: string): Promise<void> {
  for (;;) {
    try {
      await assembler.source(FIRST_IMAGE, location);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20)); // not begun yet
    }
  }
}

/** Moves the clock on in steps, as time passes. */
async function pass(clock: ManualTimer, seconds: number): Promise<void> {
  const end = clock.monotonicMs() + seconds * 1000;
  while (clock.monotonicMs() < end) {
    await clock.advance(100);
    await new Promise((resolve) => setTimeout(resolve, 1)); // the folder is really looked into
  }
}

/** The folder is looked into a few times a second; how long one look takes is the machine's affair, so each step gives it time. */
async function passUntilWritten(clock: ManualTimer, root: string): Promise<void> {
  while (clock.monotonicMs() < 34_900 && filesBelow(join(root, 'archive')).length === 0) {
    await clock.advance(100);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

describe.each([
  ['3 paced REBs of ComCam', SMALL_CAMERA, LOCATIONS, 18],
  ['the 71 sources of LSSTCam', LSSTCAM, ALL_LOCATIONS, 205],
] as const)('%s on 2 workers', (_, camera, locations, files) => {
  it('are compressed while the header is 31 s late, hold up nothing, and are written when it comes', async () => {
    const { rows, problems } = await expose({
      camera,
      locations,
      afterwards: async (clock, headers, root) => {
        await pass(clock, 31);
        expect(filesBelow(join(root, 'archive'))).toEqual([]);
        writeFileSync(join(headers, `${FIRST_IMAGE}.yaml`), headerPackage(FIRST_IMAGE, camera));
        await passUntilWritten(clock, root);
      },
    });
    expect(codes(problems)).toEqual([]);
    expect(rows.map(({ state, files: written }) => [state, written.length])).toEqual([['complete', files]]);
    expect(rows[0]?.files.every(({ header, state }) => header === 'COMPLETE' && state === 'sealed')).toBe(true);
  });
});

describe('a header package that never comes', () => {
  it('is waited for until 35 s after the readout; then the image is archived, marked and reported', async () => {
    const { root, rows, problems } = await expose({
      camera: SMALL_CAMERA,
      locations: LOCATIONS,
      afterwards: async (clock, _headers, folder) => {
        await pass(clock, 34.8);
        expect(filesBelow(join(folder, 'archive'))).toEqual([]);
        await pass(clock, 0.4);
      },
    });
    expect(codes(problems)).toEqual(['HEADER_MISSING']);
    expect(rows.map(({ state, files }) => [state, files.length])).toEqual([['complete', 18]]);
    for (const { path, header } of rows[0]?.files ?? []) {
      expect(header).toBe('MISSING');
      const fits = readFits(join(root, path));
      expect(fits.hdus[0]?.value('HDRSTAT')).toBe('MISSING');
      fits.close();
    }
  });
});
