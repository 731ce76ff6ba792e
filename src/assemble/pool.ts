import { Piscina } from 'piscina';
import { distFile } from '../model/package.js';
import type { WrittenFile } from '../native/contract.js';
import type { Seal } from '../stage/port.js';
import type { BandTask, FinishTask, SealTask } from './jobs.js';

/** Tasks that one thread interleaves: while one waits for the socket or the disk, the other computes. */
const TASKS_PER_THREAD = 2;

/** Added to the scheduling priority of the sealing thread (nice); 10 leaves it a tenth of a busy core. */
const SEAL_NICENESS = 10;

/** The worker threads of the assembler process. Pixels never pass through a message: tasks carry handles and ranges. */
export class WorkerPool {
  readonly limit: number;
  private readonly piscina: Piscina;
  /** Reading files back must not keep pixels waiting: one thread of its own, which gives way to the others. */
  private readonly sealing: Piscina;

  constructor(readonly threads: number) {
    this.limit = threads * TASKS_PER_THREAD;
    this.piscina = new Piscina({
      filename: distFile('workers/band.js'),
      minThreads: threads,
      maxThreads: threads,
      concurrentTasksPerWorker: TASKS_PER_THREAD,
    });
    this.sealing = new Piscina({
      filename: distFile('workers/seal.js'),
      minThreads: 1,
      maxThreads: 1,
      concurrentTasksPerWorker: TASKS_PER_THREAD,
      niceIncrement: SEAL_NICENESS,
    });
  }

  band(task: BandTask): Promise<number> {
    return this.piscina.run(task);
  }

  finish(task: FinishTask): Promise<WrittenFile> {
    return this.piscina.run(task, { filename: distFile('workers/finish.js') });
  }

  seal(task: SealTask): Promise<Seal> {
    return this.sealing.run(task);
  }

  async close(): Promise<void> {
    await Promise.all([this.piscina.close({ force: true }), this.sealing.close({ force: true })]);
  }
}
