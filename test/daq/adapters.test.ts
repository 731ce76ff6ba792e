import { CaptureDaqSource } from '../../src/daq/capture.js';
import { startEmulator } from '../../src/daq/emulator/emulator.js';
import { MemoryDaqSource } from '../../src/daq/memory.js';
import { NetworkDaqSource } from '../../src/daq/network.js';
import { daqSourceConformance } from '../conformance/daq-source.js';
import { keptTempDir } from '../support/temp.js';
import { FIRST_IMAGE, SECOND_IMAGE, SMALL_CAMERA, testImage, writeStore } from './images.js';

const images = [testImage(FIRST_IMAGE), testImage(SECOND_IMAGE)];

daqSourceConformance('Memory', images, async () => {
  const daq = new MemoryDaqSource();
  for (const { description, packed } of images) daq.add(description, packed);
  return { daq, close: () => daq.close() };
});

daqSourceConformance('Captures', images, async () => {
  const folder = keptTempDir();
  await writeStore(folder.path, images);
  const daq = new CaptureDaqSource(folder.path, SMALL_CAMERA);
  return { daq, close: () => daq.close().then(folder.remove) };
});

for (const kind of ['TCP', 'Unix socket'] as const) {
  daqSourceConformance(`Network over ${kind}`, images, async () => {
    const folder = keptTempDir();
    await writeStore(folder.path, images);
    const emulator = await startEmulator({
      store: folder.path,
      camera: SMALL_CAMERA,
      endpoint: kind === 'TCP' ? { host: '127.0.0.1', port: 0 } : { path: `${folder.path}/daq.sock` },
      pace: 'max',
      start: 'at-once',
    });
    await emulator.finished;
    const daq = new NetworkDaqSource(emulator.address);
    return {
      daq,
      close: async () => {
        await daq.close();
        await emulator.close();
        folder.remove();
      },
    };
  });
}
