import { type ChildProcess, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { FIRST_IMAGE, SECOND_IMAGE, SMALL_CAMERA, testImage } from '../daq/images.js';
import { cameraFile, filesBelow } from '../support/archive.js';
import { runCli, startCli } from '../support/cli.js';
import { serveDaq } from '../support/serve.js';
import { tempDir } from '../support/temp.js';

const FILES = 36;

async function until(reached: () => boolean): Promise<void> {
  while (!reached()) await new Promise((done) => setTimeout(done, 20));
}

/** Processes below one, by the file that they run. */
function childOf(pid: number | undefined, script: string): number | undefined {
  const { stdout } = spawnSync('pgrep', ['-P', `${pid}`, '-f', script], { encoding: 'utf8' });
  return stdout === '' ? undefined : Number(stdout.split('\n')[0]);
}

const isAlive = (pid: number) => spawnSync('kill', ['-0', `${pid}`]).status === 0;

/** The present coordinator once it has its assembler, so that it is past its start. */
async function coordinatorOf(supervisor: ChildProcess, other?: number): Promise<number> {
  let pid: number | undefined;
  await until(() => {
    pid = childOf(supervisor.pid, 'cli/main.js');
    return pid !== undefined && pid !== other && childOf(pid, 'workers/assembler.js') !== undefined;
  });
  return pid ?? 0;
}

async function supervised(...args: readonly string[]) {
  const root = tempDir();
  const daq = await serveDaq([FIRST_IMAGE, SECOND_IMAGE].map((name) => testImage(name)));
  const flags = ['--daq', daq, '--camera', cameraFile(SMALL_CAMERA), '--root', root, ...args];
  const child = startCli(['run', '--supervise', ...flags]);
  onTestFinished(() => void child.kill('SIGKILL'));
  let stderr = '';
  child.stderr?.on('data', (text) => (stderr += text));
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  return { child, ended, root, flags, stderr: () => stderr };
}

describe('run --supervise', () => {
  it('starts a coordinator that was killed again, says so in one line each time, and loses nothing', async () => {
    const { child, ended, root, stderr } = await supervised();
    const first = await coordinatorOf(child);
    process.kill(first, 'SIGKILL');
    const second = await coordinatorOf(child, first);
    process.kill(second, 'SIGKILL');
    await coordinatorOf(child, second);
    await until(() => filesBelow(join(root, 'dbb')).length === FILES);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(stderr()).toMatch(/^(ccarchiver: restart [12]: the archiver died \(SIGKILL\), again in \d+ ms\n){2}$/);
    expect(filesBelow(join(root, 'archive'))).toHaveLength(FILES);
  }, 60_000);

  it('ends with its child when it is asked to, and the child with its supervisor when that is killed', async () => {
    const { child, ended, flags } = await supervised();
    const coordinator = await coordinatorOf(child);
    const assembler = childOf(coordinator, 'workers/assembler.js') ?? 0;
    child.kill('SIGKILL');
    expect(await ended).toEqual([null, 'SIGKILL']);
    await until(() => !isAlive(coordinator) && !isAlive(assembler));
    const again = startCli(['run', '--supervise', ...flags]); // the root is free
    onTestFinished(() => void again.kill('SIGKILL'));
    const end = once(again, 'exit');
    await coordinatorOf(again);
    again.kill('SIGINT');
    expect(await end).toEqual([0, null]);
  }, 60_000);

  it('ends in order when a signal goes to all of its processes, as a terminal or a service manager sends it', async () => {
    const { child, ended, stderr, root } = await supervised();
    const coordinator = await coordinatorOf(child);
    await until(() => filesBelow(join(root, 'dbb')).length === FILES);
    const assembler = childOf(coordinator, 'workers/assembler.js') ?? 0;
    for (const pid of [assembler, coordinator, child.pid ?? 0]) process.kill(pid, 'SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(stderr()).toBe('');
  }, 60_000);

  it('ends with the exit code of a child that cannot start, without a second try', async () => {
    const root = tempDir();
    mkdirSync(root, { recursive: true });
    writeFileSync(join(root, 'ledger.sqlite'), 'no database, and long enough to be looked at as one\n'.repeat(40));
    const { exit, stderr } = await runCli(['run', '--supervise', '--root', root]);
    expect(exit).toBe(4);
    expect(stderr).toMatch(/^ccarchiver: LEDGER_INVALID: [^\n]+\n$/);
  });
});
