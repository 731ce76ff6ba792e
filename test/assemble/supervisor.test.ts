import { readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SupervisedAssembler } from '../../src/assemble/supervisor.js';
import type { AssemblerConfig } from '../../src/config.js';
import { SMALL_CAMERA } from '../daq/images.js';
import { cameraFile } from '../support/archive.js';
import { tempDir } from '../support/temp.js';

/** Its DAQ is an empty folder: nothing is asked of it here. */
function config(changes: Partial<AssemblerConfig> = {}): AssemblerConfig {
  const camera = cameraFile(SMALL_CAMERA);
  const daq = { kind: 'capture' as const, folder: tempDir(), camera };
  return { daq, camera, threads: 1, bandRows: 16, poolBytes: 64e6, ...changes };
}

async function supervised() {
  const exits: string[] = [];
  const assembler = await SupervisedAssembler.start(config(), (reason) => exits.push(reason));
  onTestFinished(() => assembler.close());
  return { assembler, exits };
}

function kill({ pid }: SupervisedAssembler): number {
  if (pid === undefined) expect.fail('no child');
  process.kill(pid, 'SIGKILL');
  return pid;
}

/** Processes whose parent is this one and that run the assembler's entry. */
function children(): number {
  const tasks = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim();
  return tasks === '' ? 0 : tasks.split(' ').filter((pid) => commandOf(pid).includes('workers/assembler.js')).length;
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
    await expect(SupervisedAssembler.start(config({ camera: 'hubble' }), () => undefined)).rejects.toMatchObject({
      code: 'CAMERA_UNKNOWN',
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(children()).toBe(0);
  });

  it('has another process at once when one is killed: calls under way fail, later ones wait for it', async () => {
    const { assembler, exits } = await supervised();
    const cutOff = assembler.seal({ path: '/dev/zero', bytes: 1 });
    const outcome = cutOff.catch((error) => error.code);
    const first = kill(assembler);
    expect(await outcome).toBe('ASSEMBLER_DIED');
    expect((await assembler.statistics()).threads).toBe(1);
    expect(assembler.pid).not.toBe(first);
    expect(exits).toEqual(['SIGKILL']);
  });

  it('knows nothing of sources that an earlier process had', async () => {
    const { assembler } = await supervised();
    await expect(assembler.source('CC_S_20261121_000001', '22/0')).rejects.toMatchObject({ code: 'PIXELS_LOST' });
  });

  it('reports no death of a process that it has asked to end', async () => {
    const { assembler, exits } = await supervised();
    await assembler.close();
    expect(exits).toEqual([]);
    expect(children()).toBe(0);
  });

  it('leaves no process behind when it is closed right after one has died', async () => {
    const { assembler } = await supervised();
    kill(assembler);
    await assembler.close();
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(children()).toBe(0);
    await expect(assembler.statistics()).rejects.toMatchObject({ code: 'ASSEMBLER_DIED' });
  });
});
