import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { smallGeometry } from '../../../src/camera/geometry.js';
import { loadCamera } from '../../../src/camera/load.js';
import type { Camera } from '../../../src/camera/types.js';
import { testImage, writeStore } from '../../daq/images.js';

/** ComCam with sensors of 16 x 64 x 24 pixels: small files, the same code. */
export const CHAOS_CAMERA: Camera = smallGeometry(loadCamera('comcam'), { columns: 64, rows: 24 });

/** createdAt of every image of a store, so that a repeat makes the same bytes. */
const CREATED_AT = '2026-11-21T00:01:09.000';

export interface Store {
  /** Captures. */
  readonly folder: string;
  /** The camera's JSON file. */
  readonly camera: string;
  readonly images: readonly string[];
}

/** Name of the n-th image of a night, 1 to 999999. */
export const imageName = (n: number) => `CC_S_20261121_${String(n).padStart(6, '0')}`;

/** One image of the small camera. */
export const imageOf = (name: string, locations: readonly string[]) => testImage(name, CHAOS_CAMERA, locations);

/** A store of captured images of one REB (3 CCDs) each, or of those that are named. */
export async function makeStore(
  folder: string,
  images: readonly string[],
  locations: readonly string[] = ['22/0'],
): Promise<Store> {
  mkdirSync(folder, { recursive: true });
  const camera = join(folder, 'camera.json');
  writeFileSync(camera, JSON.stringify(CHAOS_CAMERA));
  const captures = join(folder, 'captures');
  mkdirSync(captures, { recursive: true });
  const made = images.map((name) => {
    const { description, packed } = testImage(name, CHAOS_CAMERA, locations);
    return { description: { ...description, createdAt: CREATED_AT }, packed };
  });
  await writeStore(captures, made, CHAOS_CAMERA);
  return { folder: captures, camera, images };
}
