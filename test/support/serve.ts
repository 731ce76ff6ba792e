import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { SMALL_CAMERA, type TestImage, writeStore } from '../daq/images.js';
import { cameraFile } from './archive.js';
import { startCli } from './cli.js';
import { tempDir } from './temp.js';

/** A folder of captured images of the small ComCam. */
export async function storeOf(images: readonly TestImage[]): Promise<string> {
  const store = tempDir();
  await writeStore(store, images, SMALL_CAMERA);
  return store;
}

/** `ccarchiver daq serve` as a process of its own; it ends with the test. @returns where it listens */
export async function serveDaq(images: readonly TestImage[], faults?: readonly object[]): Promise<string> {
  const store = await storeOf(images);
  const args = ['daq', 'serve', '--store', store, '--camera', cameraFile(SMALL_CAMERA), '--port', '0', '--pace', 'max'];
  if (faults !== undefined) {
    const path = join(store, 'faults.txt');
    writeFileSync(path, JSON.stringify({ faults }));
    args.push('--faults', path);
  }
  const child = startCli([...args, '--exposure', '0']);
  onTestFinished(() => void child.kill('SIGKILL'));
  if (child.stdout === null) throw new Error('no output');
  for await (const line of createInterface({ input: child.stdout })) {
    return (JSON.parse(line) as { listening: string }).listening;
  }
  throw new Error('daq serve ended');
}
