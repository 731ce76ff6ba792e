import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { smallGeometry } from '../../src/camera/geometry.js';
import { loadCamera } from '../../src/camera/load.js';
import { readFits } from '../../src/fits/reader.js';
import { FIRST_IMAGE, LOCATIONS, SMALL_CAMERA } from '../daq/images.js';
import { codes, filesBelow } from '../support/archive.js';
import { headerPackage } from '../support/header-package.js';
import type { ManualTimer } from '../support/manual-timer.js';
import { expose, pass } from './standing-clock.js';

/** LSSTCam with very small sensors: 71 sources, 205 CCDs, 5 MB. */
const LSSTCAM = smallGeometry(loadCamera('lsstcam'), { columns: 32, rows: 20 });
const ALL_LOCATIONS = LSSTCAM.rafts.flatMap(({ rebs }) => rebs.map(({ location }) => location));

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
