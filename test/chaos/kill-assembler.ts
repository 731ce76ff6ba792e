import { setTimeout as delay } from 'node:timers/promises';
import { SupervisedAssembler } from '../../src/assemble/supervisor.js';
import type { ChaosCase, ChaosContext, ChaosFindings } from './case.js';

const CONFIG = {
  daq: { kind: 'network', address: '127.0.0.1:1' },
  camera: 'comcam',
  threads: 2,
  bandRows: 64,
  poolBytes: 1024e6,
} as const;
const WATCHDOG = { silentSeconds: 15, taskSeconds: 60 };
/** Until the next one stands ready, on a crowded machine too. */
const REST_MS = 2500;
const RESPAWN_MS = 500;

export const killAssembler: ChaosCase = {
  name: 'kill-assembler',
  promise: 'An assembler process that is killed is replaced within half a second: the next call is answered by then.',
  needs: [],
  units: { test: 2, all: 10, full: 300 },
  unit: 'kills',
  run: runKills,
};

async function runKills({ units, signal }: ChaosContext): Promise<ChaosFindings> {
  const ends: string[] = [];
  const options = { watchdog: WATCHDOG, spare: true, onExit: ({ code }: { code: string }) => void ends.push(code) };
  const assembler = await SupervisedAssembler.start(CONFIG, options);
  const respawn: number[] = [];
  const violations: string[] = [];
  try {
    for (let unit = 0; unit < units.count && !signal.aborted; unit++) {
      await delay(REST_MS);
      const { pid } = assembler;
      if (pid === undefined) throw new Error('no assembler process');
      const start = performance.now();
      process.kill(pid, 'SIGKILL');
      while (assembler.pid === pid) await delay(1);
      await assembler.statistics();
      const ms = performance.now() - start;
      respawn.push(ms);
      if (ms > RESPAWN_MS) violations.push(`kill ${unit}: the next call was answered after ${ms.toFixed(0)} ms`);
    }
    if (ends.length !== units.count) violations.push(`${units.count} kills were told as ${ends.length} ends`);
  } finally {
    await assembler.close();
  }
  return { counts: { kills: respawn.length }, ms: { respawn }, violations };
}
