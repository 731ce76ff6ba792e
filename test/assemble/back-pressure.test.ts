import { describe, expect, it, onTestFinished } from 'vitest';
import { AssemblerService } from '../../src/assemble/service.js';
import { systemClock } from '../../src/model/clock.js';
import { loadNative } from '../../src/native/binding.js';
import { emulation } from '../daq/emulation.js';
import { LOCATIONS, SMALL_CAMERA, type TestImage, testImage } from '../daq/images.js';
import { cameraFile } from '../support/archive.js';

const NAMES = ['CC_S_20261121_000001', 'CC_S_20261121_000002', 'CC_S_20261121_000003'] as const;
/** An image takes 39 blocks of 256 KiB, one for each band of 8 rows; three quarters of the pool are for rows. */
const POOL_BYTES = 16_000_000;

/** An assembler in this process, with real worker threads, on a DAQ that holds three images, in a pool that holds one. */
async function crowded(script: readonly object[] = []) {
  const stored = NAMES.map((name) => testImage(name)) as unknown as readonly [TestImage, ...TestImage[]];
  const { emulator, daq } = await emulation({ stored, script });
  await emulator.finished;
  const native = loadNative();
  native.configurePool(POOL_BYTES);
  const service = new AssemblerService({
    native,
    config: {
      daq: { kind: 'network', address: emulator.address },
      camera: cameraFile(SMALL_CAMERA),
      threads: 2,
      bandRows: 8,
      poolBytes: POOL_BYTES,
    },
    daq,
    clock: systemClock,
  });
  onTestFinished(() => service.close());
  const tags = new Map((await daq.list()).map(({ name, tag }) => [name, tag]));
  const begin = async (obsid: string) => {
    const tag = tags.get(obsid) ?? expect.fail(`no ${obsid}`);
    const { sources } = await daq.describe(tag);
    await service.begin({ obsid, tag, sources, products: ['raw', 'corrected'], compression: 'rice' });
  };
  const whole = (obsid: string) => Promise.all(LOCATIONS.map((location) => service.source(obsid, location)));
  return { service, begin, whole };
}

const undecided = Symbol('undecided');
const soon = <T>(work: Promise<T>) =>
  Promise.race([work, new Promise<typeof undecided>((resolve) => setTimeout(resolve, 400, undecided))]);

describe('a pixel pool with room for one image', () => {
  it('lets three become whole, the oldest first: the younger wait for its room, and nothing is lost or grows', async () => {
    const { service, begin, whole } = await crowded();
    await begin(NAMES[0]);
    await whole(NAMES[0]); // a younger source that is whole before it would keep its room, which here only the end of its image gives back
    for (const name of NAMES.slice(1)) await begin(name);
    for (const [index, name] of NAMES.entries()) {
      const pixels = await whole(name);
      expect(pixels.map(({ location, bytes }) => [location, bytes])).toEqual(
        LOCATIONS.map((location) => [location, 691_200]),
      );
      const next = NAMES[index + 1];
      if (next !== undefined) expect(await soon(whole(next))).toBe(undecided);
      expect((await service.statistics()).poolBytesInUse).toBeLessThanOrEqual(POOL_BYTES);
      await service.end(name);
    }
    expect((await service.statistics()).openHandles).toBe(0);
  });

  it('lets both of two images become whole when the older one is slow to come and each source is released when it is whole', async () => {
    const [older, younger] = NAMES;
    const { service, begin } = await crowded([{ kind: 'delay', ms: 300, image: older, times: 3 }]);
    const ended: string[] = [];
    const archived = async (name: string) => {
      await Promise.all(
        LOCATIONS.map(async (location) => {
          await service.source(name, location);
          await service.release(name, location);
        }),
      );
      await service.end(name);
      ended.push(name);
    };
    await begin(older);
    await begin(younger);
    await Promise.all([archived(older), archived(younger)]);
    expect(ended.sort()).toEqual([older, younger]);
  });
});
