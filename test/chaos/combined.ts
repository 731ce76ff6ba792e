import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FaultScript } from '../../src/daq/emulator/faults.js';
import type { ChaosCase, ChaosContext, ChaosFindings } from './case.js';
import type { Random } from './random.js';
import { completeTheRest, endlessCamera, endlessStore } from './service/load.js';
import { LedgerObserver, type Seen } from './service/observer.js';
import { ServiceRun } from './service/run.js';
import { Shim } from './support/shim.js';

/** Between two of them, in milliseconds. */
const LEAST_MS = 500;
const MOST_MS = 4000;
/** How long a run may take from its start to its first file, with all that is done to it. */
const FIRST_MS = 60_000;
const EIO = 5;
const ENOSPC = 28;

export const combined: ChaosCase = {
  name: 'combined',
  promise:
    'Kills of the archiver, a DAQ that loses connections and bytes, and a disk that fails and stalls, all at once and at random: nothing that was acknowledged is lost, and in the end every image is complete.',
  needs: ['preload'],
  units: { test: 0, all: 15, full: 1000 },
  unit: 'kills',
  run: runAll,
};

async function runAll({ units, folder, random, signal }: ChaosContext): Promise<ChaosFindings> {
  const store = await endlessStore(folder);
  const root = join(folder, 'root');
  mkdirSync(root);
  const emulator = await endlessCamera(store, passingFaults(random));
  const shim = new Shim(join(folder, 'control'), root, { action: 'count', at: 0 });
  const counts = { exposed: 0, lost: 0, images: 0, unknownNames: 0, ioFaults: 0 };
  const ms = { recovery: [] as number[] };
  const violations: string[] = [];
  let observer: LedgerObserver | undefined;
  let before: Seen = {
    files: 0,
    lastFile: 0,
    delivered: 0,
    images: { open: 0, complete: 0, incomplete: 0, failed: 0 },
  };
  try {
    for (let unit = 0; unit < units.count && !signal.aborted; unit++) {
      shim.set({ action: 'count', at: 0 }); // a start that meets a fault ends with its error, as it should
      const start = performance.now();
      const options = { supervise: false, root, camera: store.camera, daq: emulator.address };
      const run = new ServiceRun({ ...options, environment: shim.environment });
      observer ??= await LedgerObserver.open(root);
      while (observer.look().lastFile === before.lastFile && performance.now() - start < FIRST_MS) await delay(5);
      ms.recovery.push(performance.now() - start);
      await disturbDisk(shim, random);
      const seen = observer.look();
      run.kill();
      counts.ioFaults += shim.struck;
      counts.exposed += seen.files + seen.delivered - before.files - before.delivered;
      const lost = seen.files - observer.stillKnown(seen);
      counts.lost += lost;
      if (lost > 0) violations.push(`kill ${unit}: the ledger has forgotten ${lost} files`);
      if (seen.lastFile === before.lastFile)
        violations.push(`kill ${unit}: no file in ${FIRST_MS / 1000} s: ${run.stderr}`);
      before = seen;
      await run.ended;
    }
    if (observer !== undefined) {
      await completeTheRest(store, { root, daq: emulator.address, observer, counts, violations });
    }
  } finally {
    observer?.close();
    shim.close();
    await emulator.close();
  }
  return { counts, ms, violations };
}

/** On every image, in one REB each: what a DAQ and its network do that passes. */
function passingFaults(random: Random): FaultScript {
  const at = () => random.integer(1, 20_000);
  const faults = [
    { location: '22/0', kind: 'disconnect', at: at() },
    { location: '22/1', kind: 'corrupt', at: at(), stored: true },
    { location: '22/2', kind: 'delay', ms: 20, times: 2 },
    { location: '22/2', kind: 'duplicate' },
  ];
  return FaultScript.parse({ faults }, 'the case');
}

/** For some seconds, now and then one of the next operations fails, writes half, or stalls. */
async function disturbDisk(shim: Shim, random: Random): Promise<void> {
  const end = performance.now() + random.integer(LEAST_MS, MOST_MS);
  while (performance.now() < end) {
    const at = shim.operations + random.integer(1, 40);
    const action = random.pick(['fail', 'shorten', 'delay'] as const);
    shim.set({ action, at, error: random.pick([EIO, ENOSPC]), delayMs: 300, times: random.integer(1, 3) });
    await delay(random.integer(50, 400));
  }
}
