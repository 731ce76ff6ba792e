import { onTestFinished } from 'vitest';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../src/daq/emulator/emulator.js';
import { FaultScript } from '../../src/daq/emulator/faults.js';
import { NetworkDaqSource, type NetworkOptions } from '../../src/daq/network.js';
import { tempDir } from '../support/temp.js';
import { FIRST_IMAGE, SMALL_CAMERA, type TestImage, testImage, writeStore } from './images.js';

export interface Emulation {
  readonly emulator: Emulator;
  readonly daq: NetworkDaqSource;
  readonly image: TestImage;
  readonly store: string;
}

export interface EmulationOptions extends Partial<EmulatorOptions> {
  readonly script?: readonly object[];
  readonly network?: NetworkOptions;
  /** Default: one image of ComCam. */
  readonly stored?: readonly [TestImage, ...TestImage[]];
}

/** An emulator on a real socket with one stored image, and a client; both end with the test. Without other options the image is there at once. */
export async function emulation(options: EmulationOptions = {}): Promise<Emulation> {
  const { script, network, stored, ...rest } = options;
  const store = tempDir();
  const camera = options.camera ?? SMALL_CAMERA;
  const images = stored ?? ([testImage(FIRST_IMAGE, camera)] as const);
  await writeStore(store, images, camera);
  const emulator = await startEmulator({
    store,
    camera,
    endpoint: { host: '127.0.0.1', port: 0 },
    pace: 'max',
    start: 'at-once',
    ...(script === undefined ? {} : { faults: FaultScript.parse({ faults: script }, 'test') }),
    ...rest,
  });
  const daq = new NetworkDaqSource(emulator.address, network);
  onTestFinished(async () => {
    await daq.close();
    await emulator.close();
  });
  if (rest.start === undefined && rest.pace === undefined && script === undefined) await emulator.finished;
  return { emulator, daq, image: images[0], store };
}

/** Resolves when the image has been created. */
export async function imageTag(daq: NetworkDaqSource): Promise<string> {
  for (;;) {
    const [image] = await daq.list();
    if (image !== undefined) return image.tag;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
