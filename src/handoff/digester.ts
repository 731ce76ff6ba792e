import { Piscina } from 'piscina';
import type { DigestName } from '../model/digest.js';
import { asArchiverError } from '../model/errors.js';
import { distFile } from '../model/package.js';

/** What the thread is given: as digestFile. */
export interface DigestTask {
  readonly path: string;
  readonly names: readonly DigestName[];
  readonly bytes: number;
}

/** Added to the scheduling priority of the thread (nice), as for seals. */
const NICENESS = 10;

/** Reads and digests files on a thread of its own, which gives way: on the event loop each megabyte would keep every answer waiting for some milliseconds. */
export class Digester {
  private pool: Piscina | undefined;

  /** @throws what digestFile throws */
  async digest<Name extends DigestName>(
    path: string,
    names: readonly Name[],
    bytes: number,
  ): Promise<Record<Name, string>> {
    const options = { minThreads: 1, maxThreads: 1, concurrentTasksPerWorker: 2, niceIncrement: NICENESS };
    this.pool ??= new Piscina({ filename: distFile('workers/digest.js'), ...options });
    const task: DigestTask = { path, names, bytes };
    try {
      return (await this.pool.run(task)) as Record<Name, string>;
    } catch (error) {
      throw asArchiverError(error);
    }
  }

  async close(): Promise<void> {
    await this.pool?.close();
    this.pool = undefined;
  }
}
