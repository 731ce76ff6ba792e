import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import { ArchiverError } from '../model/errors.js';
import { MemoryDaqSource } from './memory.js';
import type { ImageDescription } from './port.js';

/** An image whose packed words stand in memory that every thread of this process sees. */
export interface SharedImage {
  readonly description: ImageDescription;
  readonly sources: ReadonlyMap<string, { readonly packed: SharedArrayBuffer; readonly crc32: number }>;
}

/** Makes images known, under a name, to this thread and to those that it starts from now on. The words are not copied and must not change. */
export function shareImages(name: string, images: readonly SharedImage[]): void {
  setEnvironmentData(keyOf(name), images as unknown as Parameters<typeof setEnvironmentData>[1]);
}

/** A DAQ that has the images of that name, all of them landed. @throws ArchiverError INTERNAL when none were shared */
export function openSharedImages(name: string): MemoryDaqSource {
  const images = getEnvironmentData(keyOf(name)) as unknown as readonly SharedImage[] | undefined;
  if (images === undefined) throw new ArchiverError('INTERNAL', { problem: `no images are shared as "${name}"` });
  const daq = new MemoryDaqSource();
  for (const { description, sources } of images) {
    const words = [...sources].map(
      ([location, { packed, crc32 }]) => [location, { packed: new Uint8Array(packed), crc32 }] as const,
    );
    daq.addSummed(description, new Map(words));
  }
  return daq;
}

function keyOf(name: string): string {
  return `ccarchiver.daq.${name}`;
}
