import { Worker } from 'node:worker_threads';
import { ArchiverError, asArchiverError, type ErrorData } from '../../../model/errors.js';
import { distFile } from '../../../model/package.js';
import type { SynthJob } from './job.js';

type Answer = { readonly id: number; readonly crc32: number } | { readonly id: number; readonly error: ErrorData };

/** Threads that synthesise. Each has one job at a time; the others wait here. */
export class SynthPool {
  private readonly threads: Worker[];

  constructor(count: number) {
    this.threads = Array.from({ length: count }, () => new Worker(distFile('workers/synth.js')));
  }

  /** Runs all jobs. @returns the sums in the order of the jobs. @throws the first error; jobs under way end first. */
  async run(jobs: readonly SynthJob[], onDone: () => void): Promise<number[]> {
    const waiting = [...jobs];
    const sums = new Array<number>(jobs.length).fill(0);
    const serve = async (thread: Worker) => {
      for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
        sums[job.id] = await runOn(thread, job).catch((error) => {
          waiting.length = 0;
          throw error;
        });
        onDone();
      }
    };
    const results = await Promise.allSettled(this.threads.map(serve));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw asArchiverError(failed.reason);
    return sums;
  }

  async close(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.terminate()));
  }
}

function runOn(thread: Worker, job: SynthJob): Promise<number> {
  return new Promise((resolve, reject) => {
    const settle = (action: () => void) => {
      thread.off('message', onMessage).off('error', onError);
      action();
    };
    const onError = (error: Error) =>
      settle(() => reject(new ArchiverError('INTERNAL', { problem: error.message }, { cause: error })));
    const onMessage = (answer: Answer) =>
      settle(() => ('error' in answer ? reject(asArchiverError(answer.error)) : resolve(answer.crc32)));
    thread.on('message', onMessage).on('error', onError);
    thread.postMessage(job);
  });
}
