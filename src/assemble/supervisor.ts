import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { AssemblerConfig } from '../config.js';
import { ArchiverError, asArchiverError } from '../model/errors.js';
import { distFile } from '../model/package.js';
import type { Seal } from '../stage/port.js';
import { packJob } from './job-wire.js';
import type { SealTask } from './jobs.js';
import type {
  Assembler,
  AssemblerStatistics,
  FileJob,
  FinishedFile,
  ImageJob,
  RevisionJob,
  SourcePixels,
} from './port.js';
import { RpcClient } from './rpc.js';

/** Wait before the next child after one that could not start, so that a broken addon does not spin. */
const RESPAWN_MS = 1000;
/** How long a child may take to end when asked, before it is killed. */
const STOP_MS = 5000;

/**
 * The coordinator's side of the assembler process. A child that dies is replaced at once; its calls have rejected with ASSEMBLER_DIED, and whoever
 * made them begins again: calls made from then on wait for the next child. Images in flight are pulled again from the DAQ's own buffer.
 */
export class SupervisedAssembler implements Assembler {
  private child!: ChildProcess;
  /** The child that serves, or the next one once it is warm. */
  private client!: Promise<RpcClient>;
  private readonly stopping = new AbortController();

  private constructor(
    private readonly config: AssemblerConfig,
    private readonly onExit: (reason: string) => void,
  ) {}

  /** Resolves when the first child is warm. `onExit` hears of every later end of a child that was not asked for. @throws why the first one cannot serve */
  static async start(config: AssemblerConfig, onExit: (reason: string) => void): Promise<SupervisedAssembler> {
    const assembler = new SupervisedAssembler(config, onExit);
    assembler.client = assembler.spawn();
    await assembler.client;
    return assembler;
  }

  begin(image: ImageJob): Promise<void> {
    return this.call('begin', image);
  }

  source(obsid: string, location: string): Promise<SourcePixels> {
    return this.call('source', obsid, location);
  }

  finish(file: FileJob): Promise<FinishedFile> {
    return this.call('finish', packJob(file));
  }

  revise(job: RevisionJob): Promise<FinishedFile> {
    return this.call('revise', packJob(job));
  }

  release(obsid: string, location: string): Promise<void> {
    return this.call('release', obsid, location);
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

  /** Calls that still wait for a child reject with ASSEMBLER_DIED. */
  async close(): Promise<void> {
    this.stopping.abort();
    await this.client.catch(() => undefined); // a child that is just starting is asked to end when it has
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    const killer = setTimeout(() => this.child.kill('SIGKILL'), STOP_MS);
    if (this.child.connected) this.child.disconnect();
    await exited;
    clearTimeout(killer);
  }

  /** Process id of the present child, for status and fault tests. */
  get pid(): number | undefined {
    return this.child.pid;
  }

  private async call<T>(method: keyof Assembler, ...args: unknown[]): Promise<T> {
    const client = await this.client;
    return client.call<T>(method, args);
  }

  /** Starts a child and resolves when it serves; from then on its end brings the next one. @throws why it cannot serve */
  private async spawn(): Promise<RpcClient> {
    const child = fork(distFile('workers/assembler.js'), [JSON.stringify(this.config)], {
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.child = child;
    let served = false;
    const client = new RpcClient(child, (reason) => {
      child.kill('SIGKILL'); // also one that lives on but cannot be talked to
      if (served) this.replace(reason);
    });
    await client.ready;
    served = true;
    return client;
  }

  private replace(reason: string): void {
    if (this.stopping.signal.aborted) return;
    this.onExit(reason);
    this.client = this.respawn();
    this.client.catch(() => undefined); // told to the calls that wait for it
  }

  private async respawn(): Promise<RpcClient> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        return await this.spawn();
      } catch (error) {
        this.onExit(asArchiverError(error).message);
        await delay(RESPAWN_MS, undefined, { signal }).catch(() => undefined);
      }
    }
    throw new ArchiverError('ASSEMBLER_DIED', { reason: 'the archiver is closing' });
  }
}
