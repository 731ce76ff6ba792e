import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readFits } from '../../src/fits/reader.js';
import { emulation } from '../daq/emulation.js';
import { FIRST_IMAGE, SECOND_IMAGE, SMALL_CAMERA, type TestImage, testImage } from '../daq/images.js';
import { archive, codes, filesBelow } from '../support/archive.js';
import { freeDaq } from '../support/free-daq.js';
import { tempDir } from '../support/temp.js';

/** An image that the DAQ describes otherwise than the camera data would. */
function changed(name: string, change: (image: TestImage) => Partial<TestImage['description']>): TestImage {
  const image = testImage(name);
  return { ...image, description: { ...image.description, ...change(image) } };
}

describe('a DAQ that says what cannot be', () => {
  it('registers of another geometry cost that REB only: GEOMETRY_MISMATCH', async () => {
    const image = changed(FIRST_IMAGE, ({ description }) => ({
      sources: description.sources.map((source) =>
        source.location === '22/1'
          ? { ...source, registers: source.registers.map(({ address, value }) => ({ address, value: value + 1 })) }
          : source,
      ),
    }));
    const { rows, problems } = await archive({ address: await freeDaq([image]), camera: SMALL_CAMERA });
    expect(codes(problems)).toEqual(['GEOMETRY_MISMATCH']);
    expect(rows[0]?.state).toBe('incomplete');
    expect(rows[0]?.files).toHaveLength(12);
    expect(rows[0]?.failures.map(({ sensor, error }) => `${sensor} ${error.code}`).sort()).toEqual(
      ['S10', 'S11', 'S12'].flatMap((sensor) => [`${sensor} GEOMETRY_MISMATCH`, `${sensor} GEOMETRY_MISMATCH`]),
    );
  });

  it('a stream longer than its geometry costs that REB only: GEOMETRY_MISMATCH', async () => {
    const image = testImage(FIRST_IMAGE);
    const packed = new Map(
      [...image.packed].map(([location, bytes]) => [
        location,
        location === '22/1' ? Buffer.concat([bytes, Buffer.alloc(36)]) : bytes,
      ]),
    );
    const { rows, problems } = await archive({ address: await freeDaq([{ ...image, packed }]), camera: SMALL_CAMERA });
    expect(codes(problems)).toEqual(['GEOMETRY_MISMATCH']);
    expect(rows.map(({ state, files }) => [state, files.length])).toEqual([['incomplete', 12]]);
  });

  it.each(['camera', 'image'] as const)(
    'a location that the camera does not have is reported, and the image goes on (expect: %s)',
    async (expected) => {
      const image = changed(FIRST_IMAGE, ({ description }) => ({
        image: { ...description.image, locations: [...description.image.locations, '11/0'] },
      }));
      const settings = { expect: expected };
      const { rows, problems } = await archive({ address: await freeDaq([image]), camera: SMALL_CAMERA, settings });
      expect(codes(problems)).toEqual(['LOCATION_UNKNOWN']);
      expect(rows.map(({ state, files }) => [state, files.length])).toEqual([['complete', 18]]);
    },
  );

  it('names that are none, or that lead out of the folder, are refused, and the next image goes on', async () => {
    const hostile = [
      '../../../../tmp/evil',
      '/etc/passwd',
      `${FIRST_IMAGE}/../../evil`,
      `${FIRST_IMAGE}\n`,
      'CC_O_20261340_000001',
      'CC_O_20261121_１２３４５６',
      '',
      '$(id)',
    ];
    const images = hostile.map((name, index) =>
      changed(FIRST_IMAGE, ({ description }) => ({
        image: { ...description.image, name, tag: (0xbad0 + index).toString(16) },
      })),
    );
    const address = await freeDaq([...images, testImage(SECOND_IMAGE)]);
    const outside = tempDir();
    const root = join(outside, 'root');
    const { rows, refused, problems } = await archive({
      address,
      camera: SMALL_CAMERA,
      root,
      count: hostile.length + 1,
    });
    expect(refused.map(({ code }) => code)).toEqual(hostile.map(() => 'IMAGE_NAME_INVALID'));
    expect(problems).toEqual([]);
    expect(rows.map(({ obsid, state }) => [obsid, state])).toEqual([[SECOND_IMAGE, 'complete']]);
    expect(filesBelow(outside).filter((name) => !name.startsWith('root/'))).toEqual([]);
    expect(filesBelow(join(root, 'archive')).every((name) => name.includes(SECOND_IMAGE))).toBe(true);
    expect(existsSync('/tmp/evil')).toBe(false);
  });
});

describe('another file under the name of the archive', () => {
  it('is never overwritten: ours goes to quarantine, the conflict costs that file only', async () => {
    const { emulator } = await emulation({ start: 'first-subscriber' });
    const root = tempDir();
    const below = `LSSTComCam/20261121/${FIRST_IMAGE}/${FIRST_IMAGE}_R22_S11.fits`;
    const path = join(root, 'archive', below);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'another observation');
    const before = statSync(path);
    const { rows, problems } = await archive({ address: emulator.address, camera: SMALL_CAMERA, root });
    expect(codes(problems)).toEqual(['FILE_CONFLICT']);
    expect(readFileSync(path, 'utf8')).toBe('another observation');
    expect(statSync(path).ino).toBe(before.ino);
    expect(rows[0]?.state).toBe('incomplete');
    expect(rows[0]?.failures.map(({ sensor, product, error }) => [sensor, product, error.code])).toEqual([
      ['S11', 'raw', 'FILE_CONFLICT'],
    ]);
    expect(rows[0]?.files).toHaveLength(17);
    const aside = filesBelow(join(root, 'quarantine')).filter((name) => name.includes('.fits'));
    expect(aside).toHaveLength(1);
    expect(aside[0]).toContain('R22_S11.fits');
    const fits = readFits(join(root, 'quarantine', aside[0] ?? ''));
    expect(fits.hdus).toHaveLength(19);
    fits.close();
    for (const folder of ['oods', 'dbb'])
      expect(filesBelow(join(root, folder)).filter((name) => name.includes('S11'))).toEqual([]);
  });
});
