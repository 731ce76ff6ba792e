import { Piscina } from 'piscina';
import { distFile } from '../model/package.js';
import type { WrittenFile } from '../native/contract.js';
import type { Seal } from '../stage/port.js';
import type { BandTask, FinishTask, SealTask } from './jobs.js';

/** Tasks that one thread interleaves: while one waits for the socket or the disk, the other computes. */
const TASKS_PER_THREAD = 2;

/** The worker threads of the assembler process. Pixels never pass through a message: tasks carry handles and ranges. */
export class WorkerPool {
  readonly limit: number;
  private readonly piscina: Piscina;

  constructor(readonly threads: number) {
    this.limit = threads * TASKS_PER_THREAD;
    this.piscina = new Piscina({
      filename: distFile('workers/band.js'),
      minThreads: threads,
      maxThreads: threads,
      concurrentTasksPerWorker: TASKS_PER_THREAD,
    });
  }

  band(task: BandTask): Promise<number> {
    return this.piscina.run(task);
  }

  finish(task: FinishTask): Promise<WrittenFile> {
    return this.piscina.run(task, { filename: distFile('workers/finish.js') });
  }

  seal(task: SealTask): Promise<Seal> {
    return this.piscina.run(task, { filename: distFile('workers/seal.js') });
  }

  async close(): Promise<void> {
    await this.piscina.close({ force: true });
  }
}
