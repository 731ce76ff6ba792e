import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { testImage, writeStore } from '../daq/images.js';
import type { ChaosCase, ChaosContext, ChaosFindings } from './case.js';
import { digestsBelow } from './storage/tree.js';
import { archiveSession } from './support/archiver.js';
import { CHAOS_CAMERA, imageName, makeStore } from './support/store.js';

const IMAGES = 10;

export const sameName: ChaosCase = {
  name: 'same-name',
  promise:
    'An image that comes under a name that is taken, with other pixels, is refused with IMAGE_NAME_REUSED; what was archived first stays as it is, at every target.',
  needs: [],
  units: { test: 10, all: 40, full: 1000 },
  unit: 'images',
  run: runRounds,
};

async function runRounds({ units, folder, signal }: ChaosContext): Promise<ChaosFindings> {
  const counts = { images: 0, overwritten: 0 };
  const violations: string[] = [];
  for (let round = 0; counts.images < units.count && !signal.aborted; round++) {
    const place = join(folder, `round-${round}`);
    const names = Array.from({ length: IMAGES }, (_, index) => imageName(round * IMAGES + index + 1));
    const { folder: first, camera } = await makeStore(join(place, 'store'), names);
    const other = await otherPixels(join(place, 'other'), names);
    const root = join(place, 'root');
    const archive = (captures: string) =>
      archiveSession({ daq: { kind: 'capture', folder: captures, camera }, settings: { root, camera } });
    await archive(first);
    const before = digestsBelow(root);
    const { refused } = await archive(other);
    const after = digestsBelow(root);
    counts.images += names.length;
    const codes = refused.map(({ code }) => code);
    if (codes.length !== names.length || codes.some((code) => code !== 'IMAGE_NAME_REUSED')) {
      violations.push(`round ${round}: ${names.length} images were answered with ${codes.join(', ')}`);
    }
    const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
      (path) => before.get(path) !== after.get(path),
    );
    counts.overwritten += changed.length;
    for (const path of changed) violations.push(`round ${round}: ${path} is not what it was`);
    rmSync(place, { recursive: true, force: true });
  }
  return { counts, violations };
}

/** Images of the same names, another DAQ's: other ids, other words. */
async function otherPixels(folder: string, names: readonly string[]): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const images = names.map((name) => {
    const { description } = testImage(name, CHAOS_CAMERA, ['22/0']);
    const { packed, description: other } = testImage(name.replace('_000', '_999'), CHAOS_CAMERA, ['22/0']);
    return { description: { ...description, image: { ...description.image, tag: other.image.tag } }, packed };
  });
  await writeStore(folder, images, CHAOS_CAMERA);
  return folder;
}
