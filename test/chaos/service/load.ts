import { join } from 'node:path';
import { type Emulator, startEmulator } from '../../../src/daq/emulator/emulator.js';
import { FaultScript } from '../../../src/daq/emulator/faults.js';
import { distFile } from '../../../src/model/package.js';
import { LOCATIONS } from '../../daq/images.js';
import { pathsBelow } from '../storage/tree.js';
import { runChild } from '../support/process.js';
import { CHAOS_CAMERA, imageName, makeStore, type Store } from '../support/store.js';
import type { LedgerObserver } from './observer.js';

/** A new image as fast as this, whatever the archiver does: what it cannot take waits in the DAQ. */
const INTERVAL_MS = 250;
const IMAGES = 10;

/** A store of whole rafts. */
export function endlessStore(folder: string): Promise<Store> {
  const images = Array.from({ length: IMAGES }, (_, index) => imageName(index + 1));
  return makeStore(join(folder, 'store'), images, LOCATIONS);
}

/** A camera that takes them again and again, under new names. */
export function endlessCamera({ folder }: Store, faults = FaultScript.none): Promise<Emulator> {
  return startEmulator({
    store: folder,
    camera: CHAOS_CAMERA,
    endpoint: { host: '127.0.0.1', port: 0 },
    pace: 'max',
    start: 'first-subscriber',
    repeat: true,
    intervalMs: INTERVAL_MS,
    faults,
  });
}

export interface Rest {
  readonly root: string;
  readonly daq: string;
  readonly observer: LedgerObserver;
  readonly counts: { lost: number; images: number; unknownNames: number };
  readonly violations: string[];
}

/** What the run has left is archived, and all that was ever acknowledged is read from disk. */
export async function completeTheRest(store: Store, { root, daq, observer, counts, violations }: Rest): Promise<void> {
  const cli = (...args: string[]) =>
    runChild({ script: distFile('src/cli/main.js'), args: [...args, '--json'], limitMs: 600_000 });
  const caughtUp = await cli('catchup', '--root', root, '--camera', store.camera, '--daq', daq);
  if (caughtUp.code !== 0) violations.push(`catchup ended with ${caughtUp.code}: ${caughtUp.stderr.slice(-500)}`);
  const { images } = observer.look();
  counts.images = images.complete;
  if (images.open + images.incomplete + images.failed > 0) violations.push(`images: ${JSON.stringify(images)}`);
  const verified = await cli('verify', '--ledger', root);
  const summary = verified.lines.at(-1) ?? {};
  counts.lost += Number(summary.lost ?? 0);
  if (verified.code !== 0) violations.push(`verify: ${JSON.stringify(summary)}`);
  const known = new Set(
    verified.lines.flatMap(({ copies }) => (copies as { path: string }[] | undefined) ?? []).map(({ path }) => path),
  );
  const names = pathsBelow(join(root, 'archive')).filter((name) => name.endsWith('.fits'));
  counts.unknownNames = names.filter((name) => !known.has(name)).length;
  if (counts.unknownNames > 0)
    violations.push(`${counts.unknownNames} files stand in the archive that the ledger does not know`);
}
