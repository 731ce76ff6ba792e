import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ChaosCase, ChaosContext, ChaosFindings } from './case.js';
import { completeTheRest, endlessCamera, endlessStore } from './service/load.js';
import { LedgerObserver } from './service/observer.js';
import { ServiceRun } from './service/run.js';

const LIBRARIES = ['/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1', '/usr/lib/faketime/libfaketime.so.1'];
/** Seconds by which the clock of the archiver and its processes is wrong, from one moment to the next. */
const A_DAY = 86_400;
const OFFSETS = [-A_DAY, -3600, -40, -1, 1, 40, 3600, A_DAY];
/** Work goes on so soon after a jump. */
const NEXT_FILE_MS = 10_000;

export const clockJumps: ChaosCase = {
  name: 'clock-jumps',
  promise:
    'A clock that jumps by seconds, an hour or a day, forth and back, under load costs nothing: no deadline passes early, no work is given out twice, no file is lost, and in the end every image is complete.',
  needs: ['faketime'],
  units: { test: 2, all: 20, full: 300 },
  unit: 'jumps',
  run: runJumps,
};

async function runJumps({ units, folder, random, signal }: ChaosContext): Promise<ChaosFindings> {
  const store = await endlessStore(folder);
  const root = join(folder, 'root');
  const emulator = await endlessCamera(store);
  const clock = new FakeClock(folder);
  const run = new ServiceRun({
    supervise: false,
    root,
    camera: store.camera,
    daq: emulator.address,
    environment: clock.environment,
  });
  const counts = { exposed: 0, lost: 0, images: 0, unknownNames: 0 };
  const ms = { nextFile: [] as number[], end: [] as number[] };
  const violations: string[] = [];
  const observer = await LedgerObserver.open(root);
  try {
    for (let unit = 0; unit < units.count && !signal.aborted; unit++) {
      const offset = unit === 0 ? A_DAY : random.pick(OFFSETS);
      clock.set(offset);
      const took = await nextFile(observer);
      ms.nextFile.push(took);
      if (took > NEXT_FILE_MS) violations.push(`jump ${unit} to ${offset} s: the next file took ${took.toFixed(0)} ms`);
      await delay(random.integer(0, 1000));
    }
    const seen = observer.look();
    if (observer.span() < A_DAY / 2) violations.push('the clock of the archiver did not jump: this proves nothing');
    counts.exposed = seen.files + seen.delivered;
    const { code, ms: endMs } = await run.end();
    ms.end.push(endMs);
    if (code !== 0) violations.push(`SIGTERM ended it with ${code}: ${run.stderr.slice(-500)}`);
    await completeTheRest(store, { root, daq: emulator.address, observer, counts, violations });
    if (run.stderr.includes('DEADLINE')) violations.push(`a deadline has passed: ${run.stderr}`);
  } finally {
    observer.close();
    run.kill();
    await emulator.close();
  }
  return { counts, ms, violations };
}

/** The time of day of processes that are given its environment; their monotonic clocks go on as they do. */
class FakeClock {
  private readonly file: string;

  constructor(folder: string) {
    this.file = join(folder, 'clock');
    this.set(0);
  }

  get environment(): Record<string, string> {
    const LD_PRELOAD = LIBRARIES.find((path) => existsSync(path)) ?? '';
    return {
      LD_PRELOAD,
      FAKETIME_TIMESTAMP_FILE: this.file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }

  set(seconds: number): void {
    writeFileSync(`${this.file}.new`, `${seconds < 0 ? '-' : '+'}${Math.abs(seconds)}s\n`);
    renameSync(`${this.file}.new`, this.file);
  }
}

async function nextFile(observer: LedgerObserver): Promise<number> {
  const start = performance.now();
  const { lastFile } = observer.look();
  while (observer.look().lastFile === lastFile && performance.now() - start <= 2 * NEXT_FILE_MS) await delay(5);
  return performance.now() - start;
}
