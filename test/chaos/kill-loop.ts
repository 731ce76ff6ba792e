import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ChaosCase, ChaosContext, ChaosFindings } from './case.js';
import type { Random } from './random.js';
import { completeTheRest, endlessCamera, endlessStore } from './service/load.js';
import { LedgerObserver, type Seen } from './service/observer.js';
import { ServiceRun } from './service/run.js';

/** Between two kills. */
const LEAST_MS = 200;
const MOST_MS = 3000;
/** Of ten kills, so many are of the coordinator; the others are of an assembler. */
const COORDINATOR_OF_TEN = 5;
const RECOVERY_MS = 60_000;

export const killLoop: ChaosCase = {
  name: 'kill-loop',
  promise:
    'SIGKILL of coordinator or assembler again and again under load: nothing that was acknowledged is lost, the supervisor brings the archiver back, and in the end every image is complete.',
  needs: [],
  units: { test: 4, all: 40, full: 1500 },
  unit: 'kills',
  run: runKills,
};

interface Counts {
  exposed: number;
  lost: number;
  coordinators: number;
  assemblers: number;
  images: number;
  unknownNames: number;
}

type Recovery = Readonly<Record<'coordinator' | 'assembler', number[]>>;

async function runKills(context: ChaosContext): Promise<ChaosFindings> {
  const { folder } = context;
  const store = await endlessStore(folder);
  const root = join(folder, 'root');
  const emulator = await endlessCamera(store);
  const run = new ServiceRun({ supervise: true, root, camera: store.camera, daq: emulator.address });
  const counts: Counts = { exposed: 0, lost: 0, coordinators: 0, assemblers: 0, images: 0, unknownNames: 0 };
  const ms: Recovery & { end: number[] } = { coordinator: [], assembler: [], end: [] };
  const violations: string[] = [];
  const observer = await LedgerObserver.open(root);
  try {
    await killAgainAndAgain(context, { run, observer, counts, ms, violations });
    const { code, ms: endMs } = await run.end();
    ms.end.push(endMs);
    if (code !== 0) violations.push(`SIGTERM ended it with ${code}: ${run.stderr.slice(-500)}`);
    await completeTheRest(store, { root, daq: emulator.address, observer, counts, violations });
  } finally {
    observer.close();
    run.kill();
    await emulator.close();
  }
  return { counts: { ...counts }, ms, violations };
}

interface Loop {
  readonly run: ServiceRun;
  readonly observer: LedgerObserver;
  readonly counts: Counts;
  readonly ms: Recovery;
  readonly violations: string[];
}

async function killAgainAndAgain({ units, random, signal }: ChaosContext, loop: Loop): Promise<void> {
  const { run, observer, counts, ms, violations } = loop;
  let before: Seen | undefined;
  for (let unit = 0; unit < units.count && !signal.aborted; unit++) {
    await delay(random.integer(LEAST_MS, MOST_MS));
    const isCoordinator = random.integer(1, 10) <= COORDINATOR_OF_TEN;
    const pid = isCoordinator ? run.coordinator : anyOf(run.assemblers, random);
    if (pid === undefined) continue;
    const seen = observer.look();
    const start = performance.now();
    process.kill(pid, 'SIGKILL');
    counts[isCoordinator ? 'coordinators' : 'assemblers'] += 1;
    counts.exposed += seen.files + seen.delivered - (before === undefined ? 0 : before.files + before.delivered);
    before = seen;
    const recovered = await nextFile(observer, seen);
    if (!recovered) violations.push(`kill ${unit}: no file was acknowledged within ${RECOVERY_MS / 1000} s of it`);
    ms[isCoordinator ? 'coordinator' : 'assembler'].push(performance.now() - start);
    const lost = seen.files - observer.stillKnown(seen);
    counts.lost += lost;
    if (lost > 0) violations.push(`kill ${unit}: the ledger has forgotten ${lost} files`);
  }
}

const anyOf = (pids: readonly number[], random: Random) => (pids.length === 0 ? undefined : random.pick(pids));

/** Another file is acknowledged. */
async function nextFile(observer: LedgerObserver, { lastFile }: Seen): Promise<boolean> {
  const end = performance.now() + RECOVERY_MS;
  while (performance.now() < end) {
    if (observer.look().lastFile > lastFile) return true;
    await delay(5);
  }
  return false;
}
