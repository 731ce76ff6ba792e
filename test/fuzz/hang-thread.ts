import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { Watched } from './hang-watch.js';
import { keepInput } from './kept-input.js';

const { folder, target, mostMs, counters, input } = workerData as Watched;

let seen = -1;
setInterval(() => {
  const now = Atomics.load(counters, 0);
  if (now !== seen) {
    seen = now;
    return;
  }
  const path = keepInput(Buffer.from(input.slice(0, Atomics.load(counters, 1))), folder, target);
  writeSync(2, `${target} did not end within ${mostMs} ms: ${path}\n`);
  process.kill(process.pid, 'SIGKILL');
}, mostMs);
parentPort?.postMessage('ready');
