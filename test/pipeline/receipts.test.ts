import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { FIRST_IMAGE, SMALL_CAMERA, testImage } from '../daq/images.js';
import { archive } from '../support/archive.js';
import { serveDaq } from '../support/serve.js';
import { tempDir } from '../support/temp.js';

it('A run takes the hand-off name away of a file whose receipt has its digest, not of one with another digest', async () => {
  const root = tempDir();
  const options = { address: await serveDaq([testImage(FIRST_IMAGE)]), camera: SMALL_CAMERA, root };
  await archive(options);
  const name = (sensor: string) => `LSSTComCam/20261121/${FIRST_IMAGE}/${FIRST_IMAGE}_R22_${sensor}`;
  const handedOff = (sensor: string) => existsSync(join(root, 'dbb', `${name(sensor)}.fits`));
  const acknowledge = (sensor: string, of: string) => {
    const { sha256 } = JSON.parse(readFileSync(join(root, 'manifests', `${name(of)}.json`), 'utf8'));
    const place = join(root, 'receipts', `${name(sensor)}.usdf.json`);
    mkdirSync(dirname(place), { recursive: true });
    const receipt = {
      receiptVersion: 1,
      file: `${name(sensor)}.fits`,
      sha256,
      site: 'usdf',
      uri: 'file:///far/away.fits',
    };
    writeFileSync(place, JSON.stringify(receipt));
  };
  acknowledge('S00', 'S00');
  acknowledge('S01', 'S02');
  await archive({
    ...options,
    meanwhile: async (_, stop) => {
      await expect.poll(() => handedOff('S00'), { timeout: 20_000 }).toBe(false);
      stop();
    },
  });
  expect([handedOff('S01'), handedOff('S02')]).toEqual([true, true]);
  expect(existsSync(join(root, 'archive', `${name('S00')}.fits`))).toBe(true);
});
