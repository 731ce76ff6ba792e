import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FIRST_IMAGE, SMALL_CAMERA, testImage } from '../daq/images.js';
import { archive, codes, filesBelow } from '../support/archive.js';
import { freeDaq, heldDaq } from '../support/free-daq.js';
import { headerPackage } from '../support/header-package.js';
import { tempDir } from '../support/temp.js';

const below = (root: string) =>
  new Map(filesBelow(join(root, 'archive')).map((path) => [path, readFileSync(join(root, 'archive', path), 'base64')]));

describe('an image that is left for the next run', () => {
  it('while one of its REBs is missing stays open, nothing of it is recorded as failed, and the next run adds what is left', async () => {
    const root = tempDir();
    const daq = await heldDaq([testImage(FIRST_IMAGE)], { image: FIRST_IMAGE, locations: ['22/1'] });
    const options = { root, address: daq.address, camera: SMALL_CAMERA };
    const first = await archive({
      ...options,
      meanwhile: async ({ intake, ledger }) => {
        const files = async () => (await ledger.view().image(FIRST_IMAGE))?.files.length;
        while ((await files()) !== 12) await new Promise((done) => setTimeout(done, 5));
        intake.leave();
      },
    });
    expect(first.problems.map(String)).toEqual([]);
    expect(first.rows.map(({ state, failures }) => [state, failures])).toEqual([['open', []]]);
    const before = below(root);
    daq.land();
    const { rows } = await archive(options);
    expect(rows.map(({ state, files }) => [state, files.length])).toEqual([['complete', 18]]);
    expect(rows[0]?.createdAt).toBe(first.rows[0]?.createdAt);
    const after = below(root);
    for (const [path, bytes] of before) expect(after.get(path)).toBe(bytes);
    expect(filesBelow(join(root, 'quarantine'))).toEqual([]);
  });

  it('while it waits for its header package gets the header of the next run: nothing was fixed as missing', async () => {
    const [root, header] = [tempDir(), tempDir()];
    const address = await freeDaq([testImage(FIRST_IMAGE)]);
    const options = { root, address, camera: SMALL_CAMERA, settings: { header } };
    const first = await archive({
      ...options,
      meanwhile: async ({ intake, ledger }) => {
        while ((await ledger.view().openImages()).length === 0) await new Promise((done) => setTimeout(done, 5));
        intake.leave();
      },
    });
    expect(codes(first.problems)).toEqual([]);
    expect(first.rows.map(({ state, files }) => [state, files.length])).toEqual([['open', 0]]);
    writeFileSync(join(header, `${FIRST_IMAGE}.yaml`), headerPackage(FIRST_IMAGE, SMALL_CAMERA));
    const { rows } = await archive(options);
    expect(rows.map(({ state, files }) => [state, files.length])).toEqual([['complete', 18]]);
    expect(rows[0]?.files.every((file) => file.header === 'COMPLETE')).toBe(true);
  });
});
