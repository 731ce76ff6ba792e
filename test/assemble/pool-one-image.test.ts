import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AssemblerService } from '../../src/assemble/service.js';
import { ccdBySlot } from '../../src/camera/geometry.js';
import { readPixels } from '../../src/fits/pixels.js';
import { readFits } from '../../src/fits/reader.js';
import { systemClock } from '../../src/model/clock.js';
import { loadNative } from '../../src/native/binding.js';
import { emulation } from '../daq/emulation.js';
import { FIRST_IMAGE, LOCATIONS, SMALL_CAMERA, type TestImage } from '../daq/images.js';
import { type Archived, archive, cameraFile } from '../support/archive.js';
import { headerPackage } from '../support/header-package.js';
import { tempDir } from '../support/temp.js';
import { samePixels, wordsOf } from '../support/words.js';

/** A source takes 13 blocks of 256 KiB, one for each band of 8 rows; three quarters of the pool are for rows. */
const BAND_ROWS = 8;
const ONE_SOURCE = 6_500_000; // 18 blocks
const TWO_SOURCES = 11_000_000; // 31 blocks
const NO_SOURCE = 4_000_000; // 11 blocks

/** An assembler in this process, with real worker threads, on a DAQ that holds one image of three sources. */
async function assembling(poolBytes: number) {
  const { emulator, daq } = await emulation();
  const native = loadNative();
  native.configurePool(poolBytes);
  const daqAddress = { kind: 'network', address: emulator.address } as const;
  const config = { daq: daqAddress, camera: cameraFile(SMALL_CAMERA), threads: 2, bandRows: BAND_ROWS, poolBytes };
  const service = new AssemblerService({ native, config, daq, clock: systemClock });
  onTestFinished(() => service.close());
  const [image] = await daq.list();
  const tag = image?.tag ?? expect.fail('no image');
  const { sources } = await daq.describe(tag);
  const begin = () =>
    service.begin({ obsid: FIRST_IMAGE, tag, sources, products: ['raw', 'corrected'], compression: 'rice' });
  await begin();
  return { service, begin, source: (location: string) => service.source(FIRST_IMAGE, location) };
}

const undecided = Symbol('undecided');
const soon = <T>(work: Promise<T>) =>
  Promise.race([work, new Promise<typeof undecided>((resolve) => setTimeout(resolve, 400, undecided))]);

describe('a pixel pool that one image exceeds', () => {
  it('lets its sources become whole one after the other, each as soon as another is released', async () => {
    const { service, source } = await assembling(ONE_SOURCE);
    const left = new Set(LOCATIONS);
    while (left.size > 0) {
      const { location } = await Promise.race([...left].map(source));
      left.delete(location);
      for (const other of left) expect(await soon(source(other))).toBe(undecided);
      await service.release(FIRST_IMAGE, location);
    }
    expect(await service.statistics()).toMatchObject({ openHandles: 0, poolBytesInUse: 0 });
  });

  it('uses the room of as many sources as fit while none is released', async () => {
    const { source } = await assembling(TWO_SOURCES);
    const outcomes = async () =>
      (await Promise.all(LOCATIONS.map((one) => soon(source(one))))).filter((o) => o !== undecided);
    await expect.poll(async () => (await outcomes()).length, { timeout: 5000 }).toBe(2);
    expect(await outcomes()).toHaveLength(2);
  });

  it('never opens a released source again, and still answers for it', async () => {
    const { service, begin, source } = await assembling(64e6);
    const [location = ''] = LOCATIONS;
    const pixels = await source(location);
    await service.release(FIRST_IMAGE, location);
    await service.release(FIRST_IMAGE, location);
    const { openHandles } = await service.statistics();
    await begin();
    expect((await service.statistics()).openHandles).toBe(openHandles);
    expect(await source(location)).toEqual(pixels);
  });

  it('refuses every source that does not fit even alone, by an error that names the pool', async () => {
    const { service, source } = await assembling(NO_SOURCE);
    for (const location of LOCATIONS) {
      const details = { bytes: NO_SOURCE, location, image: FIRST_IMAGE };
      await expect(source(location)).rejects.toMatchObject({ code: 'POOL_TOO_SMALL', details });
    }
    expect((await service.statistics()).poolBytesInUse).toBe(0);
  });
});

function expectEveryPixel({ root, rows }: Archived, image: TestImage): void {
  expect(rows.map(({ state, files }) => [state, files.length])).toEqual([['complete', 18]]);
  for (const { file, path } of rows.flatMap(({ files }) => files).filter((one) => one.file.product === 'raw')) {
    const { location } = ccdBySlot(SMALL_CAMERA, file.raft, file.sensor).reb;
    const words = wordsOf(SMALL_CAMERA, image.packed.get(location), file.raft, file.sensor);
    const fits = readFits(join(root, path));
    fits.hdus.slice(1, 17).forEach((hdu, segment) => {
      expect(samePixels(readPixels(hdu, loadNative()), words[segment])).toBe(true);
    });
    fits.close();
  }
}

/** Bands of one row take 100 blocks for a source; three quarters of 64 MB are 183. */
const ROOM_FOR_ONE = { bandRows: 1, threads: 2, pool: { megabytes: 64 } };

describe('an archiver whose pool has room for one of three sources', () => {
  it('completes the image with every pixel right', async () => {
    const { emulator, image } = await emulation({ start: 'first-subscriber' });
    const archived = await archive({ address: emulator.address, camera: SMALL_CAMERA, settings: ROOM_FOR_ONE });
    expect(archived.problems).toEqual([]);
    expectEveryPixel(archived, image);
  });

  it('completes it also when the header comes only after the pool is full of a source that waits for it', async () => {
    const { emulator, image } = await emulation({ start: 'first-subscriber' });
    const header = tempDir();
    const archived = await archive({
      address: emulator.address,
      camera: SMALL_CAMERA,
      settings: { ...ROOM_FOR_ONE, header },
      meanwhile: async ({ assembler }) => {
        const blocked = async () => (await assembler.statistics()).poolBytesInUse >= 100 * 256 * 1024;
        await expect.poll(blocked, { timeout: 5000 }).toBe(true);
        await new Promise((resolve) => setTimeout(resolve, 500));
        writeFileSync(join(header, `${FIRST_IMAGE}.yaml`), headerPackage(FIRST_IMAGE, SMALL_CAMERA));
      },
    });
    expect(archived.problems).toEqual([]);
    expectEveryPixel(archived, image);
  });
});
