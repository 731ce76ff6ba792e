import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { loadCamera } from '../../src/camera/load.js';
import { startEmulator } from '../../src/daq/emulator/emulator.js';
import { distFile } from '../../src/model/package.js';
import type { ChaosCase, ChaosContext, ChaosFindings } from './case.js';
import { LedgerObserver } from './service/observer.js';
import { ServiceRun } from './service/run.js';
import { LoopDisk } from './support/loop-disk.js';
import { runChild } from './support/process.js';
import { SlowDisk } from './support/slow-disk.js';

const BYTES_PER_SECOND = 2e6;
const POOL_MEGABYTES = 512;
/** The shortest interval of a survey. */
const INTERVAL_MS = 17_000;
const DISK_MEGABYTES = 6000;
const MARGIN = 1.1;
const END_MS = 10_000;

export const slowDisk: ChaosCase = {
  name: 'slow-disk',
  promise:
    'A disk that writes 2 MB/s, where full-size images need ten times that, costs time: memory stays below the pool that is configured and the code of an assembler, plus 10 %, and nothing is given up or lost.',
  needs: ['root', 'loop', 'throttle'],
  units: { test: 0, all: 60, full: 600 },
  unit: 'seconds',
  run: runSlowly,
};

interface Held {
  coordinator: number;
  assembler: number;
  /** Of the assembler that stands ready: code without a pixel. */
  spare: number;
}

async function runSlowly({ units, folder, signal }: ChaosContext): Promise<ChaosFindings> {
  const store = join(folder, 'store');
  const cli = (...args: string[]) => runChild({ script: distFile('src/cli/main.js'), args, limitMs: 600_000 });
  await cli('daq', 'synth', '--store', store, '--images', '2');
  const disk = new LoopDisk(folder, 'disk', DISK_MEGABYTES);
  const slow = new SlowDisk(disk.folder, BYTES_PER_SECOND);
  const root = join(disk.folder, 'root');
  const emulator = await startEmulator({
    store,
    camera: loadCamera('comcam'),
    endpoint: { host: '127.0.0.1', port: 0 },
    pace: 'realtime',
    start: 'first-subscriber',
    repeat: true,
    intervalMs: INTERVAL_MS,
  });
  const settings = { CCARCHIVER_POOL__MEGABYTES: `${POOL_MEGABYTES}` };
  const run = new ServiceRun({ supervise: false, root, camera: 'comcam', daq: emulator.address, settings });
  slow.add(run.pid);
  const violations: string[] = [];
  try {
    const held = await watch(run, units.count, signal);
    const counts = await countsOf(root, violations); // before it is as fast as it can be, to end
    slow.limit(0);
    const { code, ms } = await run.end();
    if (code !== 0 || ms > END_MS)
      violations.push(`SIGTERM ended it with ${code} after ${ms.toFixed(0)} ms: ${run.stderr}`);
    const cap = MARGIN * (held.spare + POOL_MEGABYTES * 1e6);
    if (held.assembler > cap) violations.push(`the assembler held ${held.assembler} bytes, more than ${cap}`);
    const verified = await cli('verify', '--ledger', root, '--json');
    if (verified.code !== 0)
      violations.push(`verify ended with ${verified.code}: ${JSON.stringify(verified.lines.at(-1))}`);
    const megabytes = Object.entries(held).map(([name, bytes]) => [`${name}MB`, Math.round(bytes / 1e6)] as const);
    return { counts: { ...counts, capMB: Math.round(cap / 1e6), ...Object.fromEntries(megabytes) }, violations };
  } finally {
    run.kill();
    await emulator.close();
    await delay(500); // its processes leave the group
    slow.remove();
    disk.unmount();
  }
}

/** The most that each process has held. */
async function watch(run: ServiceRun, seconds: number, signal: AbortSignal): Promise<Held> {
  const most: Held = { coordinator: 0, assembler: 0, spare: 0 };
  for (let second = 0; second < seconds && !signal.aborted; second++) {
    await delay(1000);
    const [first = 0, second = 0] = run.childrenOfRun.map(residentBytes).sort((a, b) => b - a);
    most.coordinator = Math.max(most.coordinator, residentBytes(run.pid));
    most.assembler = Math.max(most.assembler, first);
    most.spare = Math.max(most.spare, second);
  }
  return most;
}

function residentBytes(pid: number): number {
  try {
    return 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0; // it has ended
  }
}

async function countsOf(root: string, violations: string[]) {
  const observer = await LedgerObserver.open(root);
  const { files, delivered, images } = observer.look();
  observer.close();
  if (images.failed + images.incomplete > 0) violations.push(`images: ${JSON.stringify(images)}`);
  if (files === 0) violations.push('no file was archived');
  return { files, delivered, complete: images.complete, open: images.open };
}
