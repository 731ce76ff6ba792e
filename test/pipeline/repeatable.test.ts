import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ConfigInput } from '../../src/config.js';
import { FIRST_IMAGE, SECOND_IMAGE, SMALL_CAMERA, testImage, writeStore } from '../daq/images.js';
import { archive, captureOf, filesBelow } from '../support/archive.js';
import { tempDir } from '../support/temp.js';

/** Archives a capture into a new root. @returns the root */
async function replay(capture: string, settings: ConfigInput): Promise<string> {
  const { root, problems, rows } = await archive({
    daq: captureOf(capture, SMALL_CAMERA),
    camera: SMALL_CAMERA,
    settings,
  });
  expect(problems).toEqual([]);
  expect(rows.map(({ state }) => state)).toEqual(['complete', 'complete']);
  return root;
}

describe('the same capture', () => {
  it.each(['rice', 'none'] as const)(
    'gives the same bytes on other threads, bands and roots (%s)',
    async (compression) => {
      const capture = tempDir();
      await writeStore(capture, [testImage(FIRST_IMAGE), testImage(SECOND_IMAGE)]);
      const first = await replay(capture, { compression, threads: 1, bandRows: 128, imagesInFlight: 1 });
      const second = await replay(capture, { compression, threads: 4, bandRows: 7, imagesInFlight: 2 });
      for (const [product, files] of [
        ['archive', 36],
        ['corrected', 36],
      ] as const) {
        const names = filesBelow(join(first, product));
        expect(names).toHaveLength(files);
        expect(filesBelow(join(second, product))).toEqual(names);
        const differing = names.filter(
          (name) => !readFileSync(join(first, product, name)).equals(readFileSync(join(second, product, name))),
        );
        expect(differing).toEqual([]);
      }
    },
  );
});
