import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { distFile } from '../../../src/model/package.js';
import { runChild, type Told } from '../support/process.js';
import { Shim, type Strike } from '../support/shim.js';
import { imageName, makeStore, type Store } from '../support/store.js';
import type { Expected } from './check.js';
import type { ChildOptions } from './child.js';
import { type Acknowledgement, StorageLayer } from './layer.js';
import { digestsBelow } from './tree.js';

const CHILD = distFile('test/chaos/storage/child.js');

/** One way in which the storage layer is used; every fault is tried at every operation of each. */
export interface Scenario {
  readonly name: string;
  readonly mode: 'link' | 'copy';
  readonly images: number;
  readonly imagesInFlight: number;
}

export const SCENARIOS: readonly Scenario[] = [
  { name: 'two images at a time, linked', mode: 'link', images: 2, imagesInFlight: 2 },
  { name: 'two images one after the other, copied', mode: 'copy', images: 2, imagesInFlight: 1 },
  { name: 'three images at a time, copied', mode: 'copy', images: 3, imagesInFlight: 3 },
  { name: 'one image, linked', mode: 'link', images: 1, imagesInFlight: 1 },
];

/** A scenario with its store and with what a run without a fault leaves. */
export interface Prepared {
  readonly scenario: Scenario;
  readonly store: Store;
  readonly expected: Expected;
  /** Operations of a run without a fault, about: threads take them in another order each time. */
  readonly operations: number;
}

export async function prepare(scenario: Scenario, folder: string): Promise<Prepared> {
  const names = Array.from({ length: scenario.images }, (_, index) => imageName(index + 1));
  const store = await makeStore(join(folder, 'store'), names);
  const expected = await referenceRun(scenario, store, join(folder, 'reference'));
  const uncounted = { scenario, store, expected, operations: 0 };
  const { operations } = await strikeAt(uncounted, join(folder, 'count'), { action: 'count', at: 0 });
  rmSync(join(folder, 'count'), { recursive: true, force: true });
  return { scenario, store, expected, operations };
}

async function referenceRun({ mode }: Scenario, store: Store, root: string): Promise<Expected> {
  mkdirSync(root, { recursive: true });
  const problem = ({ message }: { message: string }) => {
    throw new Error(message);
  };
  const options = { root, store: store.folder, camera: store.camera, mode };
  const layer = await StorageLayer.open({ ...options, acknowledged: () => undefined, problem });
  await layer.archiveAll(2);
  await layer.close();
  const digests = digestsBelow(root);
  rmSync(root, { recursive: true, force: true });
  return digests;
}

export interface Struck {
  readonly root: string;
  readonly told: Told;
  readonly facts: readonly Acknowledgement[];
  readonly operations: number;
  /** How many operations the fault has struck. */
  readonly struck: number;
}

/** Runs the scenario in a child on a new root below `folder`, with the fault. */
export async function strikeAt(
  { scenario, store }: Prepared,
  folder: string,
  strike: Strike,
  options: Partial<ChildOptions> = {},
): Promise<Struck> {
  const root = join(folder, 'root');
  mkdirSync(root, { recursive: true });
  const shim = new Shim(join(folder, 'control'), root, strike);
  const child: ChildOptions = { ...layerOptions(root, scenario, store), ...options };
  const told = await runChild({ script: CHILD, args: [JSON.stringify(child)], environment: shim.environment });
  const facts = told.lines.filter((line) => 'state' in line) as unknown as Acknowledgement[];
  const { operations, struck } = shim;
  shim.close();
  return { root, told, facts, operations, struck };
}

export function layerOptions(root: string, { mode, imagesInFlight }: Scenario, store: Store) {
  return { root, store: store.folder, camera: store.camera, mode, imagesInFlight };
}
