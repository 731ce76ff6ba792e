import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { distFile } from '../../src/model/package.js';

/** Largest input that is kept of a run that does not end. */
const INPUT_BYTES = 1 << 20;

/** What the watching thread sees: how many executions have begun, the length of the present input, and the input. */
export interface Watched {
  readonly folder: string;
  readonly target: string;
  readonly mostMs: number;
  readonly counters: Int32Array;
  readonly input: Uint8Array;
}

/**
 * A thread that ends the process when one execution does not end by itself, and keeps its input: nothing else could, as an endless loop never gives the
 * event loop back.
 */
export class HangWatch {
  private constructor(
    private readonly thread: Worker,
    private readonly watched: Pick<Watched, 'counters' | 'input'>,
  ) {}

  /** A thread cannot start while the event loop is held up, so what is watched begins after it. */
  static async start(options: Pick<Watched, 'target' | 'folder' | 'mostMs'>): Promise<HangWatch> {
    const workerData: Watched = {
      ...options,
      counters: new Int32Array(new SharedArrayBuffer(8)),
      input: new Uint8Array(new SharedArrayBuffer(INPUT_BYTES)),
    };
    const thread = new Worker(distFile('test/fuzz/hang-thread.js'), { workerData });
    await once(thread, 'message');
    thread.unref();
    return new HangWatch(thread, workerData);
  }

  begin(input: Buffer): void {
    const kept = input.subarray(0, INPUT_BYTES);
    this.watched.input.set(kept);
    Atomics.store(this.watched.counters, 1, kept.length);
    Atomics.add(this.watched.counters, 0, 1);
  }

  async close(): Promise<void> {
    await this.thread.terminate();
  }
}
