import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ccdBySlot, sensorTypeOf, smallGeometry } from '../../src/camera/geometry.js';
import { loadCamera } from '../../src/camera/load.js';
import type { Camera } from '../../src/camera/types.js';
import { readPixels } from '../../src/fits/pixels.js';
import { readFits } from '../../src/fits/reader.js';
import { loadNative } from '../../src/native/binding.js';
import type { FileRow } from '../../src/stage/port.js';
import { emulation } from '../daq/emulation.js';
import { type TestImage, testImage } from '../daq/images.js';
import { archive, filesBelow } from '../support/archive.js';
import { samePixels, wordsOf } from '../support/words.js';

const LSSTCAM = smallGeometry(loadCamera('lsstcam'), { columns: 48, rows: 40 });
const LATISS = smallGeometry(loadCamera('latiss'), { columns: 48, rows: 40 });

interface Case {
  readonly title: string;
  readonly camera: Camera;
  readonly obsid: string;
  readonly locations: readonly string[];
  readonly instrument: string;
  readonly instrume: string;
  readonly vendor: string;
  readonly slots: readonly string[];
}

const SCIENCE = ['S00', 'S01', 'S02', 'S10', 'S11', 'S12', 'S20', 'S21', 'S22'];
const CASES: readonly Case[] = [
  {
    title: 'the one CCD of LATISS',
    camera: LATISS,
    obsid: 'AT_O_20261121_000001',
    locations: ['00/0'],
    instrument: 'LATISS',
    instrume: 'LATISS',
    vendor: 'ITL',
    slots: ['R00_S00'],
  },
  {
    title: 'an e2v raft of LSSTCam',
    camera: LSSTCAM,
    obsid: 'MC_O_20261121_000001',
    locations: ['11/0', '11/1', '11/2'],
    instrument: 'LSSTCam',
    instrume: 'lsstCam',
    vendor: 'E2V',
    slots: SCIENCE.map((sensor) => `R11_${sensor}`),
  },
  {
    title: 'a corner raft of LSSTCam, guiders and wavefront sensors',
    camera: LSSTCAM,
    obsid: 'MC_O_20261121_000002',
    locations: LSSTCAM.rafts.find(({ bay }) => bay === 'R00')?.rebs.map(({ location }) => location) ?? [],
    instrument: 'LSSTCam',
    instrume: 'lsstCam',
    vendor: 'ITL',
    slots: ['R00_SG0', 'R00_SG1', 'R00_SW0', 'R00_SW1'],
  },
];

/** Every segment's place in the CCD and in the readout, as the camera data says, and its pixels, as the DAQ words say. */
function expectFile(root: string, { path, file }: FileRow, { camera, vendor, instrume }: Case, image: TestImage): void {
  const { reb, ccd } = ccdBySlot(camera, file.raft, file.sensor);
  const type = sensorTypeOf(camera, ccd);
  const words = wordsOf(camera, image.packed.get(reb.location), file.raft, file.sensor);
  const fits = readFits(join(root, path));
  const primary = fits.hdus[0];
  expect(primary?.value('INSTRUME')).toBe(instrume);
  expect(primary?.value('CCD_MANU')).toBe(vendor);
  expect([primary?.value('RAFTBAY'), primary?.value('CCDSLOT')]).toEqual([file.raft, file.sensor]);
  expect(fits.hdus).toHaveLength(type.segments.length + 3);
  type.segments.forEach((segment, index) => {
    const hdu = fits.hdus[index + 1] ?? expect.fail('too few HDUs');
    const { name, detsec, dtv, dtm } = segment;
    const cards = ['EXTNAME', 'DETSEC', 'DATASEC', 'DETSIZE', 'DTV1', 'DTV2', 'DTM1_1', 'DTM2_2'];
    expect(cards.map((keyword) => hdu.value(keyword))).toEqual([
      ...[name, detsec, type.datasec, type.detsize],
      ...[...dtv, ...dtm],
    ]);
    expect(samePixels(readPixels(hdu, loadNative()), words[index])).toBe(true);
  });
  fits.close();
}

describe('the same code archives', () => {
  it.each(CASES)('$title: its folder, its cards, its pixels, raw only', async (one) => {
    const { camera, obsid, locations, instrument, slots } = one;
    const image = testImage(obsid, camera, locations);
    const { emulator } = await emulation({ camera, stored: [image], start: 'first-subscriber' });
    const settings = { expect: 'image' as const };
    const { root, rows, problems } = await archive({ address: emulator.address, camera, settings });
    expect(problems).toEqual([]);
    const files = rows.flatMap((row) => row.files);
    expect(files.map(({ path }) => path).sort()).toEqual(
      slots.map((slot) => `archive/${instrument}/20261121/${obsid}/${obsid}_${slot}.fits`),
    );
    for (const file of files) expectFile(root, file, one, image);
    // No coefficients are known for these CCDs, so there is no corrected product of them.
    for (const folder of ['corrected', 'bucket']) expect(filesBelow(join(root, folder))).toEqual([]);
    expect(filesBelow(join(root, 'oods'))).toHaveLength(2 * slots.length);
  });
});
