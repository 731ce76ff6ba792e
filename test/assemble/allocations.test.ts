import { describe, expect, it, onTestFinished } from 'vitest';
import { AssemblerService } from '../../src/assemble/service.js';
import { rebByLocation } from '../../src/camera/locations.js';
import { systemClock } from '../../src/model/clock.js';
import { loadNative } from '../../src/native/binding.js';
import { emulation, imageTag } from '../daq/emulation.js';
import { SMALL_CAMERA } from '../daq/images.js';
import { cameraFile } from '../support/archive.js';
import { tempDir } from '../support/temp.js';
import { fileFacts } from './facts.js';

const PRODUCTS = ['raw', 'corrected'] as const;

describe('native memory', () => {
  /** One image that comes over a socket, archived again and again under new names: every CCD, both products. */
  async function archiving() {
    const { emulator, daq } = await emulation();
    const native = loadNative();
    const address = { kind: 'network', address: emulator.address } as const;
    const config = {
      daq: address,
      camera: cameraFile(SMALL_CAMERA),
      threads: 2,
      bandRows: 16,
      poolBytes: 64e6,
      watchdog: { silentSeconds: 15, taskSeconds: 60 },
    };
    const service = new AssemblerService({ native, config, daq, clock: systemClock });
    onTestFinished(() => service.close());
    const tag = await imageTag(daq);
    const { sources } = await daq.describe(tag);
    const root = tempDir();
    const archive = async (obsid: string) => {
      await service.begin({ obsid, tag, sources, products: PRODUCTS, compression: 'rice' });
      await Promise.all(sources.map(({ location }) => finishSource(service, { obsid, location, root })));
      await service.end(obsid);
    };
    return { archive, statistics: () => service.statistics() };
  }

  async function finishSource(service: AssemblerService, to: { obsid: string; location: string; root: string }) {
    const { obsid, location, root } = to;
    await service.source(obsid, location);
    const { raft, reb } = rebByLocation(SMALL_CAMERA, location);
    for (const { sensor } of reb.ccds) {
      for (const product of PRODUCTS) {
        const base = `${obsid}/${product}-${sensor}`;
        const where = { root, path: `${base}.fits`, sidecarPath: `${base}.json`, aside: root, folderMode: 0o755 };
        const file = { obsid, raft: raft.bay, sensor, product, version: 1 };
        expect((await service.finish({ file, pixels: { location }, facts: fileFacts(), ...where })).outcome).toBe(
          'created',
        );
      }
    }
    await service.release(obsid, location);
  }

  it('is asked from the system for the first images only, and is then used again for every one', async () => {
    const { archive, statistics } = await archiving();
    for (let image = 1; image <= 5; image++) await archive(`CC_S_20261121_00000${image}`);
    const warm = await statistics();
    expect(warm.inputBytes).toBeGreaterThan(0);
    for (let image = 6; image <= 15; image++) await archive(`CC_S_20261121_${String(image).padStart(6, '0')}`);
    const { allocations, poolBytes, poolBytesInUse, inputBytes, openHandles } = await statistics();
    expect(allocations).toBe(warm.allocations);
    expect([poolBytes, inputBytes]).toEqual([warm.poolBytes, warm.inputBytes]);
    expect([poolBytesInUse, openHandles]).toEqual([0, 0]);
  });
});
