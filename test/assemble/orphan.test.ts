import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { distFile } from '../../src/model/package.js';

/** Forks an assembler as the coordinator does, tells its pid, and is killed after so many milliseconds. */
const COORDINATOR = `
const { fork } = require('node:child_process');
const [file, config, ms] = process.argv.slice(1);
const child = fork(file, [config], { serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
process.stdout.write(String(child.pid), () => setTimeout(() => process.kill(process.pid, 'SIGKILL'), Number(ms)));
`;
const CONFIG = {
  daq: { kind: 'network', address: '127.0.0.1:1' },
  camera: 'comcam',
  threads: 2,
  bandRows: 64,
  poolBytes: 64e6,
};

const lives = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

it.each([0, 20, 50, 100, 200, 400])(
  'an assembler process whose coordinator is killed %i ms after its start ends',
  async (ms) => {
    const args = ['-e', COORDINATOR, distFile('workers/assembler.js'), JSON.stringify(CONFIG), String(ms)];
    const coordinator = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const pid = Number(await text(coordinator.stdout));
    expect(pid).toBeGreaterThan(0);
    await expect.poll(() => lives(pid), { timeout: 20_000 }).toBe(false);
  },
  30_000,
);
