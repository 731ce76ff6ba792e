import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ChaosCase, ChaosContext, ChaosFindings } from './case.js';
import { completeTheRest, endlessCamera, endlessStore } from './service/load.js';
import { LedgerObserver } from './service/observer.js';
import { ServiceRun } from './service/run.js';

/** From its first file until it is asked to end. */
const MOST_MS = 2000;
const END_MS = 10_000;

export const sigterm: ChaosCase = {
  name: 'sigterm',
  promise:
    'A run that is asked to end under load does so within 10 s with exit code 0, and the next one goes on where it was: nothing is lost, nothing is recorded as failed.',
  needs: [],
  units: { test: 1, all: 6, full: 100 },
  unit: 'ends',
  run: runEnds,
};

async function runEnds({ units, folder, random, signal }: ChaosContext): Promise<ChaosFindings> {
  const store = await endlessStore(folder);
  const root = join(folder, 'root');
  const emulator = await endlessCamera(store);
  const counts = { exposed: 0, lost: 0, images: 0, unknownNames: 0 };
  const end: number[] = [];
  const violations: string[] = [];
  let observer: LedgerObserver | undefined;
  try {
    let before = 0;
    for (let unit = 0; unit < units.count && !signal.aborted; unit++) {
      const run = new ServiceRun({ supervise: false, root, camera: store.camera, daq: emulator.address });
      observer ??= await LedgerObserver.open(root);
      const { lastFile } = observer.look();
      while (observer.look().lastFile === lastFile) await delay(5);
      await delay(random.integer(0, MOST_MS));
      const seen = observer.look();
      const { code, ms } = await run.end();
      end.push(ms);
      counts.exposed += seen.files + seen.delivered - before;
      before = seen.files + seen.delivered;
      counts.lost += seen.files - observer.stillKnown(seen);
      if (code !== 0 || ms > END_MS)
        violations.push(`end ${unit}: code ${code} after ${ms.toFixed(0)} ms: ${run.stderr}`);
    }
    if (observer !== undefined) {
      await completeTheRest(store, { root, daq: emulator.address, observer, counts, violations });
    }
  } finally {
    observer?.close();
    await emulator.close();
  }
  return { counts, ms: { end }, violations };
}
