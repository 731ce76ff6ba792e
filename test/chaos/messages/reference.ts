import { cpSync, mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { ArchiverEvent } from '../../../src/events/port.js';
import type { ImageRow } from '../../../src/stage/port.js';
import { type Expected, factOf } from '../storage/check.js';
import { StorageLayer } from '../storage/layer.js';
import { digestsBelow, pathsBelow } from '../storage/tree.js';
import { imageName, makeStore, type Store } from '../support/store.js';

const IMAGES = 4;

/** What every message said once leaves: files, rows and events. */
export interface Reference {
  readonly store: Store;
  readonly root: string;
  readonly names: Expected;
  readonly manifests: readonly string[];
  readonly rows: readonly ImageRow[];
  readonly events: readonly string[];
}

export async function referenceOf(folder: string): Promise<Reference> {
  const names = Array.from({ length: IMAGES }, (_, index) => imageName(index + 1));
  const store = await makeStore(join(folder, 'store'), names);
  const root = join(folder, 'reference');
  mkdirSync(root);
  const problem = ({ message }: { message: string }) => {
    throw new Error(message);
  };
  const options = { root, store: store.folder, camera: store.camera, mode: 'link' as const };
  const layer = await StorageLayer.open({ ...options, acknowledged: () => undefined, problem });
  await layer.archiveAll(2);
  const view = layer.ledger.view();
  const [rows, events] = [await view.images(IMAGES), await layer.ledger.events().pending('bus', 1_000_000)];
  await layer.close();
  return { store, root, names: digestsBelow(root), manifests: manifestsBelow(root), rows, events: factsOf(events) };
}

/** A new root in which the files of the archive and the spool stand, and nobody knows of them. */
export function rootWithFiles({ root: from }: Reference, root: string): void {
  for (const name of ['archive', 'corrected']) cpSync(join(from, name), join(root, name), { recursive: true });
  mkdirSync(join(root, 'quarantine'));
}

export function manifestsBelow(root: string): string[] {
  return pathsBelow(join(root, 'manifests'))
    .map((path) => relative(root, path))
    .sort();
}

/** The facts that events state, in the order of the alphabet. */
export function factsOf(events: readonly ArchiverEvent[]): string[] {
  return events.map(factOf).sort();
}
