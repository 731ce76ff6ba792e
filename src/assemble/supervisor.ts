import { setTimeout as delay } from 'node:timers/promises';
import type { AssemblerConfig, WatchdogLimits } from '../config.js';
import { ArchiverError, asArchiverError } from '../model/errors.js';
import type { Seal } from '../stage/port.js';
import { AssemblerChild } from './child.js';
import { packJob } from './job-wire.js';
import type { SealTask } from './jobs.js';
import type { Assembler, AssemblerStatistics, FileJob, FinishedFile, ImageJob, SourcePixels } from './port.js';
import type { RpcClient } from './rpc.js';

/** Wait before the next child after one that could not start, so that a broken addon does not spin. */
const RESPAWN_MS = 1000;

export interface SupervisorOptions {
  readonly watchdog: WatchdogLimits;
  /** A second child stands ready, with its code loaded and without a pixel of memory, to take over from one that ends. */
  readonly spare: boolean;
  /** Hears of every end of a child that served and was not asked to, and of every one that could not start. */
  readonly onExit: (error: ArchiverError) => void;
}

/**
 * The coordinator's side of the assembler process. A child that dies or hangs is replaced at once; its calls have rejected with ASSEMBLER_DIED or
 * ASSEMBLER_HUNG, and whoever made them begins again: calls made from then on wait for the next child. Images in flight are pulled again from the DAQ's own buffer.
 */
export class SupervisedAssembler implements Assembler {
  private child!: AssemblerChild;
  /** The child that serves, or the next one once it is warm. */
  private client!: Promise<RpcClient>;
  private spare: AssemblerChild | undefined;
  private readonly stopping = new AbortController();

  private constructor(
    private readonly config: AssemblerConfig,
    private readonly options: SupervisorOptions,
  ) {}

  /** Resolves when the first child is warm. @throws why it cannot serve */
  static async start(config: AssemblerConfig, options: SupervisorOptions): Promise<SupervisedAssembler> {
    const assembler = new SupervisedAssembler(config, options);
    assembler.client = assembler.spawn();
    await assembler.client;
    assembler.keepSpare();
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
    await Promise.all([this.child.stop(), this.spare?.stop()]);
  }

  /** Process id of the present child, for status and fault tests. */
  get pid(): number | undefined {
    return this.child.pid;
  }

  private async call<T>(method: keyof Assembler, ...args: unknown[]): Promise<T> {
    const client = await this.client;
    return client.call<T>(method, args);
  }

  /** The child that serves from now on: the spare one, or a new one; its end brings the next. @throws why it cannot serve */
  private spawn(): Promise<RpcClient> {
    this.child = this.spare ?? this.newChild();
    this.spare = undefined;
    return this.child.ready;
  }

  private newChild(): AssemblerChild {
    const child: AssemblerChild = new AssemblerChild(this.config, this.options.watchdog, (error) => {
      if (child === this.child) this.replace(error);
      else this.replaceSpare(error);
    });
    return child;
  }

  private keepSpare(): void {
    if (!this.options.spare || this.stopping.signal.aborted) return;
    const spare = this.newChild();
    this.spare = spare;
    spare.ready.catch(() => {
      if (this.spare === spare) this.spare = undefined; // the next child tells why, when it is needed
    });
  }

  private replaceSpare(error: ArchiverError): void {
    if (this.stopping.signal.aborted) return;
    this.options.onExit(error);
    this.keepSpare();
  }

  private replace(error: ArchiverError): void {
    if (this.stopping.signal.aborted) return;
    this.options.onExit(error);
    this.client = this.respawn();
    this.client.then(
      () => this.keepSpare(),
      () => undefined, // told to the calls that wait for it
    );
  }

  private async respawn(): Promise<RpcClient> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        return await this.spawn();
      } catch (error) {
        this.options.onExit(asArchiverError(error));
        await delay(RESPAWN_MS, undefined, { signal }).catch(() => undefined);
      }
    }
    throw new ArchiverError('ASSEMBLER_DIED', { reason: 'the archiver is closing' });
  }
}
