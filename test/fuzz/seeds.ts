import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathsBelow } from '../chaos/storage/tree.js';
import { archiveSession } from '../chaos/support/archiver.js';
import { makeStore, type Store } from '../chaos/support/store.js';
import { realFolder } from '../support/real-folder.js';

export interface Seeds {
  readonly fits: readonly Buffer[];
  readonly documents: readonly Buffer[];
  /** Real ones, where there are any. */
  readonly packages: readonly Buffer[];
  readonly store: Store;
  remove(): void;
}

const IMAGE = 'CC_S_20261121_000001';

/** Files as the program itself writes them: compressed and plain FITS of both products, and a capture with its document. */
export async function makeSeeds(): Promise<Seeds> {
  const folder = mkdtempSync(join(tmpdir(), 'ccarchiver-fuzz-'));
  const store = await makeStore(join(folder, 'store'), [IMAGE]);
  for (const compression of ['rice', 'none'] as const) {
    const settings = { root: join(folder, compression), camera: store.camera, compression };
    await archiveSession({ daq: { kind: 'capture', folder: store.folder, camera: store.camera }, settings });
  }
  const read = (path: string) => readFileSync(path);
  const files = ['rice', 'none'].flatMap((root) => pathsBelow(join(folder, root)));
  return {
    fits: files.filter((path) => /(archive|corrected)\/.*S00\.fits$/.test(path)).map(read),
    documents: pathsBelow(store.folder)
      .filter((path) => path.endsWith('.json'))
      .map(read),
    packages: realPackages(),
    store,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Playback files: small enough that each is parsed some hundred times a second. */
function realPackages(): Buffer[] {
  const folder = realFolder('playback');
  if (!existsSync(folder)) return [];
  return pathsBelow(folder)
    .filter((path) => path.endsWith('.json') && statSync(path).size < 64 * 1024)
    .map((path) => readFileSync(path));
}
