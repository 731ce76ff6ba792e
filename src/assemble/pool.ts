import { Piscina } from 'piscina';
import type { Timer } from '../model/clock.js';
import { distFile } from '../model/package.js';
import type { WrittenFile } from '../native/contract.js';
import type { Seal } from '../stage/port.js';
import type { BandResult, BandTask, BandThreadOptions, FinishTask, RewriteTask, SealTask } from './jobs.js';
import { TaskTimes } from './task-times.js';

/** Tasks that one thread interleaves: while one waits for the socket or the disk, the other computes. */
const TASKS_PER_THREAD = 2;

/** Files between their gathering and their name: one is written, the next one stands ready. */
const FILES_UNDER_WAY = 3;

/** Added to the scheduling priority of the sealing threads (nice); 10 leaves them a tenth of a busy core. */
const SEAL_NICENESS = 10;

/** The worker threads of the assembler process. Pixels never pass through a message: tasks carry handles and ranges. */
export class WorkerPool {
  readonly limit: number;
  private readonly piscina: Piscina;
  /** A file that waited behind bands would leave the disk idle: one thread of its own gathers, and hears at once that one is durable. */
  private readonly finishing: Piscina;
  /** Reading files back must not keep pixels waiting: threads of its own, which give way to the others and have the cores when nothing is read out. */
  private readonly sealing: Piscina;
  private readonly times: { readonly bands: TaskTimes; readonly finishing: TaskTimes; readonly sealing: TaskTimes };

  constructor(
    readonly threads: number,
    options: BandThreadOptions,
    clock: Timer,
  ) {
    const nowMs = () => clock.monotonicMs();
    this.limit = threads * TASKS_PER_THREAD;
    this.piscina = new Piscina({
      filename: distFile('workers/band.js'),
      workerData: options,
      minThreads: threads,
      maxThreads: threads,
      concurrentTasksPerWorker: TASKS_PER_THREAD,
    });
    this.finishing = new Piscina({
      filename: distFile('workers/finish.js'),
      minThreads: 1,
      maxThreads: 1,
      concurrentTasksPerWorker: FILES_UNDER_WAY,
    });
    this.sealing = new Piscina({
      filename: distFile('workers/seal.js'),
      minThreads: threads,
      maxThreads: threads,
      concurrentTasksPerWorker: TASKS_PER_THREAD,
      niceIncrement: SEAL_NICENESS,
    });
    this.times = {
      bands: new TaskTimes(this.limit, nowMs),
      finishing: new TaskTimes(FILES_UNDER_WAY, nowMs),
      sealing: new TaskTimes(this.limit, nowMs),
    };
  }

  bands(task: BandTask): Promise<BandResult> {
    return this.times.bands.timed(this.piscina.run(task));
  }

  /** The headers, which are views of one buffer (composeHeaders), go over to the thread. */
  finish(task: FinishTask | RewriteTask): Promise<WrittenFile> {
    const [first] = task.file.hdus;
    const transferList = first === undefined ? [] : [first.cards.buffer as ArrayBuffer];
    return this.times.finishing.timed(this.finishing.run(task, { transferList }));
  }

  seal(task: SealTask): Promise<Seal> {
    return this.times.sealing.timed(this.sealing.run(task));
  }

  /** Milliseconds that the oldest task has been under way in a thread; 0 without one. */
  oldestTaskMs(): number {
    return Math.max(...Object.values(this.times).map((times) => times.oldestMs()));
  }

  async close(): Promise<void> {
    await Promise.all([this.piscina, this.finishing, this.sealing].map((pool) => pool.close({ force: true })));
  }
}
