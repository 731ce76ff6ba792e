import { expect, it } from 'vitest';
import type { ConfigInput } from '../../src/config.js';
import { FIRST_IMAGE, SMALL_CAMERA, testImage } from '../daq/images.js';
import { archive, captureOf } from '../support/archive.js';
import { storeOf } from '../support/serve.js';
import { tempDir } from '../support/temp.js';

it('an image that was complete in one product gets the other one when it is asked for, at once', async () => {
  const daq = captureOf(await storeOf([testImage(FIRST_IMAGE)]), SMALL_CAMERA);
  const root = tempDir();
  const files = async (products: ConfigInput['products']) => {
    const { rows } = await archive({ daq, camera: SMALL_CAMERA, root, stage: false, settings: { products } });
    return rows.map((row) => [row.state, row.files.length]);
  };
  expect(await files(['raw'])).toEqual([['complete', 9]]);
  expect(await files(['raw', 'corrected'])).toEqual([['complete', 18]]);
});
