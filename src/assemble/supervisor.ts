import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { AssemblerConfig } from '../config.js';
import { distFile } from '../model/package.js';
import type { Seal } from '../stage/port.js';
import type { SealTask } from './jobs.js';
import type { Assembler, AssemblerStatistics, FileJob, FinishedFile, ImageJob, SourcePixels } from './port.js';
import { RpcClient } from './rpc.js';

/** Wait before the next child after one that died before it was ready, so that a broken addon does not spin. */
const RESPAWN_MS = 1000;
/** How long a child may take to end when asked, before it is killed. */
const STOP_MS = 5000;

/**
 * The coordinator's side of the assembler process. A child that dies is replaced at once; its calls have rejected with ASSEMBLER_DIED, and whoever
 * made them begins again. Images in flight are pulled again from the DAQ's own buffer.
 */
export class SupervisedAssembler implements Assembler {
  private child!: ChildProcess;
  private client!: RpcClient;
  private stopping = false;

  private constructor(
    private readonly config: AssemblerConfig,
    private readonly onExit: (reason: string) => void,
  ) {}

  /** Resolves when the first child is warm. `onExit` hears of every child that ended without being asked to. */
  static async start(config: AssemblerConfig, onExit: (reason: string) => void): Promise<SupervisedAssembler> {
    const assembler = new SupervisedAssembler(config, onExit);
    assembler.spawn();
    await assembler.client.ready;
    return assembler;
  }

  begin(image: ImageJob): Promise<void> {
    return this.call('begin', image);
  }

  source(obsid: string, location: string): Promise<SourcePixels> {
    return this.call('source', obsid, location);
  }

  finish(file: FileJob): Promise<FinishedFile> {
    return this.call('finish', file);
  }

  end(obsid: string): Promise<void> {
    return this.call('end', obsid);
  }

  seal(task: SealTask): Promise<Seal> {
    return this.call('seal', task);
  }

  statistics(): Promise<AssemblerStatistics> {
    return this.call('statistics');
  }

  async close(): Promise<void> {
    this.stopping = true;
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const killer = setTimeout(() => this.child.kill('SIGKILL'), STOP_MS);
    const exited = once(this.child, 'exit');
    this.child.disconnect();
    await exited;
    clearTimeout(killer);
  }

  /** Process id of the present child, for status and fault tests. */
  get pid(): number | undefined {
    return this.child.pid;
  }

  private async call<T>(method: keyof Assembler, ...args: unknown[]): Promise<T> {
    const { client } = this;
    await client.ready;
    return client.call<T>(method, args);
  }

  private spawn(): void {
    const started = performance.now();
    this.child = fork(distFile('workers/assembler.js'), [JSON.stringify(this.config)], {
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.client = new RpcClient(this.child);
    this.child.once('exit', (code, signal) => {
      if (this.stopping) return;
      this.onExit(signal ?? `exit code ${code}`);
      const lived = performance.now() - started;
      setTimeout(() => this.spawn(), lived < RESPAWN_MS ? RESPAWN_MS : 0);
    });
  }
}
