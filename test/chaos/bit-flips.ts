import { chmodSync, closeSync, linkSync, mkdirSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { auditLedger } from '../../src/audit/audit.js';
import type { ChaosCase, ChaosContext, ChaosFindings } from './case.js';
import { StorageLayer } from './storage/layer.js';
import { digestsBelow } from './storage/tree.js';
import { imageName, makeStore } from './support/store.js';

/**
 * One bit of one FITS file (archive, spool or a target's copy) or sidecar of the archive is flipped through a second name, so that no handle of the program sees a write; the
 * audit must name that file, under all of its names, and no other. Then the bit is flipped back, and now and then the audit must find nothing.
 */
export const bitFlips: ChaosCase = {
  name: 'bit-flips',
  promise:
    'One flipped bit in any FITS file of archive, spool or target, or in a sidecar of the archive, is found by the audit of the ledger, under each of its names, and no other file is called damaged.',
  needs: [],
  units: { test: 40, all: 1000, full: 10_000 },
  unit: 'flipped bits',
  run: runFlips,
};

/** FITS files everywhere, and the archive's own sidecars. */
const isAudited = (path: string) => path.endsWith('.fits') || (path.startsWith('archive/') && path.endsWith('.json'));

/** After so many flips the sound tree is audited. */
const SOUND_EVERY = 20;

async function runFlips({ units, folder, random, signal }: ChaosContext): Promise<ChaosFindings> {
  const store = await makeStore(join(folder, 'store'), [imageName(1)]);
  const root = join(folder, 'root');
  mkdirSync(root);
  const violations: string[] = [];
  const problem = ({ message }: { message: string }) => violations.push(message);
  const options = { root, store: store.folder, camera: store.camera, mode: 'copy' as const };
  const layer = await StorageLayer.open({ ...options, acknowledged: () => undefined, problem });
  await layer.archiveAll(1);
  const second = join(folder, 'second');
  mkdirSync(second);
  const paths = [...digestsBelow(root).keys()].filter((path) => isAudited(path));
  for (const [index, path] of paths.entries()) linkSync(join(root, path), join(second, `${index}`));
  const counts = { flips: 0, undetected: 0, falseAlarms: 0 };
  for (let unit = 0; unit < units.count && !signal.aborted; unit++) {
    const index = random.integer(0, paths.length - 1);
    const path = paths[index] ?? '';
    const flipBack = flip(join(second, `${index}`), random.integer(0, 8 * statSync(join(root, path)).size - 1));
    counts.flips += 1;
    const found = await damaged(root, layer);
    flipBack();
    const flipped = namesOf(root, path, paths);
    const missed = flipped.some((name) => !found.includes(name));
    const wrong = found.filter((name) => !flipped.includes(name));
    if (unit % SOUND_EVERY === 0) wrong.push(...(await damaged(root, layer)));
    if (missed) counts.undetected += 1;
    counts.falseAlarms += wrong.length;
    if (missed) violations.push(`flip ${unit} in ${path} was not found`);
    for (const other of wrong) violations.push(`flip ${unit} in ${path}: ${other} was called damaged`);
  }
  await layer.close();
  return { counts, violations };
}

/** Every name of the same inode. */
function namesOf(root: string, path: string, paths: readonly string[]): string[] {
  const inode = (name: string) => statSync(join(root, name)).ino;
  return paths.filter((name) => inode(name) === inode(path));
}

/** @returns what flips the bit back */
function flip(path: string, bit: number): () => void {
  chmodSync(path, 0o644); // what stands in an archive is read-only
  const file = openSync(path, 'r+');
  const byte = Buffer.alloc(1);
  const turn = () => {
    readSync(file, byte, 0, 1, bit >> 3);
    byte[0] = (byte[0] ?? 0) ^ (1 << (bit & 7));
    writeSync(file, byte, 0, 1, bit >> 3);
  };
  turn();
  return () => {
    turn();
    closeSync(file);
  };
}

/** Paths below the root that the audit calls damaged. */
async function damaged(root: string, layer: StorageLayer): Promise<string[]> {
  const found: string[] = [];
  const options = { root, receipts: join(root, 'receipts') };
  for await (const { row, copies, badSidecar } of auditLedger(layer.ledger.view(), options)) {
    for (const { state, path } of copies) if (state === 'damaged') found.push(path.slice(root.length + 1));
    if (badSidecar !== undefined) found.push(row.sidecarPath);
  }
  return found;
}
