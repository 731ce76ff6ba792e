import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SupervisedAssembler, type SupervisorOptions } from '../../src/assemble/supervisor.js';
import type { AssemblerConfig } from '../../src/config.js';
import { SMALL_CAMERA } from '../daq/images.js';
import { cameraFile } from '../support/archive.js';
import { tempDir } from '../support/temp.js';

/** Its DAQ is an empty folder: nothing is asked of it here. */
function config(changes: Partial<AssemblerConfig> = {}): AssemblerConfig {
  const camera = cameraFile(SMALL_CAMERA);
  const daq = { kind: 'capture' as const, folder: tempDir(), camera };
  return {
    daq,
    camera,
    threads: 1,
    bandRows: 16,
    poolBytes: 64e6,
    ...changes,
  };
}

const PATIENT = { silentSeconds: 15, taskSeconds: 60 };

async function supervised(changes: Partial<SupervisorOptions> = {}) {
  const exits: string[] = [];
  const onExit = ({ message }: Error) => exits.push(message);
  const assembler = await SupervisedAssembler.start(config(), { watchdog: PATIENT, spare: false, onExit, ...changes });
  onTestFinished(() => assembler.close());
  return { assembler, exits };
}

function kill({ pid }: SupervisedAssembler): number {
  if (pid === undefined) expect.fail('no child');
  process.kill(pid, 'SIGKILL');
  return pid;
}

/** Processes whose parent is this one and that run the assembler's entry. */
function children(): number[] {
  const tasks = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim();
  const pids = tasks === '' ? [] : tasks.split(' ');
  return pids.filter((pid) => commandOf(pid).includes('workers/assembler.js')).map(Number);
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // it has ended meanwhile
  }
}

describe('the supervised assembler', () => {
  it('tells why it cannot start by the error of the child itself, and leaves nothing running', async () => {
    await expect(
      SupervisedAssembler.start(config({ camera: 'hubble' }), {
        watchdog: PATIENT,
        spare: true,
        onExit: () => undefined,
      }),
    ).rejects.toMatchObject({
      code: 'CAMERA_UNKNOWN',
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(children()).toEqual([]);
  });

  it('has another process at once when one is killed: calls under way fail, later ones wait for it', async () => {
    const { assembler, exits } = await supervised();
    const cutOff = assembler.seal({ path: '/dev/zero', sidecarPath: '/dev/null', bytes: 1 });
    const outcome = cutOff.catch((error) => error.code);
    const first = kill(assembler);
    expect(await outcome).toBe('ASSEMBLER_DIED');
    expect((await assembler.statistics()).threads).toBe(1);
    expect(assembler.pid).not.toBe(first);
    expect(exits).toEqual([expect.stringContaining('SIGKILL')]);
  });

  it('with a spare has the next process before it is needed, and then another spare; both end with it', async () => {
    const { assembler, exits } = await supervised({ spare: true });
    while (children().length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    const [spare] = children().filter((pid) => pid !== assembler.pid);
    const cutOff = assembler
      .seal({ path: '/dev/zero', sidecarPath: '/dev/null', bytes: 1 })
      .catch((error) => error.code);
    kill(assembler);
    expect(await cutOff).toBe('ASSEMBLER_DIED');
    await assembler.statistics();
    expect(assembler.pid).toBe(spare);
    while (children().length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(exits).toHaveLength(1);
    await assembler.close();
    expect(children()).toEqual([]);
  });

  it('that is stopped is found by its silence, killed and replaced; its calls reject with ASSEMBLER_HUNG', async () => {
    const { assembler } = await supervised({ watchdog: { silentSeconds: 3, taskSeconds: 60 } });
    const { pid } = assembler;
    if (pid === undefined) expect.fail('no child');
    process.kill(pid, 'SIGSTOP');
    await expect(assembler.statistics()).rejects.toMatchObject({ code: 'ASSEMBLER_HUNG' });
    expect((await assembler.statistics()).threads).toBe(1);
    expect(assembler.pid).not.toBe(pid);
    expect(commandOf(`${pid}`)).toBe('');
  }, 20_000);

  it('with a thread that does not come back from its task is killed and replaced, while its main thread answers', async () => {
    const { assembler } = await supervised({ watchdog: { silentSeconds: 15, taskSeconds: 2 } });
    const { pid } = assembler;
    const fifo = join(tempDir(), 'fifo');
    spawnSync('mkfifo', [fifo]);
    const sealed = assembler.seal({ path: fifo, sidecarPath: '/dev/null', bytes: 1 }).catch((error) => error.code); // opening it blocks until somebody writes
    expect((await assembler.statistics()).threads).toBe(1);
    expect(await sealed).toBe('ASSEMBLER_HUNG');
    expect((await assembler.statistics()).threads).toBe(1);
    expect(assembler.pid).not.toBe(pid);
  }, 20_000);

  it('knows nothing of sources that an earlier process had', async () => {
    const { assembler } = await supervised();
    await expect(assembler.source('CC_S_20261121_000001', '22/0')).rejects.toMatchObject({ code: 'PIXELS_LOST' });
  });

  it('reports no death of a process that it has asked to end', async () => {
    const { assembler, exits } = await supervised();
    await assembler.close();
    expect(exits).toEqual([]);
    expect(children()).toEqual([]);
  });

  it('leaves no process behind when it is closed right after one has died', async () => {
    const { assembler } = await supervised();
    kill(assembler);
    await assembler.close();
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(children()).toEqual([]);
    await expect(assembler.statistics()).rejects.toMatchObject({ code: 'ASSEMBLER_DIED' });
  });
});
