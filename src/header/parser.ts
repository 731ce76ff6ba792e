import { Piscina } from 'piscina';
import { ArchiverError, asArchiverError } from '../model/errors.js';
import type { HeaderPackage } from '../model/header-package.js';
import { distFile } from '../model/package.js';
import type { Expected } from './parse.js';

/** A package of all of LSSTCam takes a second or two; a text that takes so long is none, or was made to take long. */
const MOST_MS = 20_000;

/** What the thread is given. */
export interface ParseTask {
  readonly text: string;
  readonly expected: Expected;
}

/** Parses packages on a thread of its own: whatever stands in one, the event loop goes on, and a text without end is given up. */
export class PackageParser {
  private pool: Piscina | undefined;

  constructor(private readonly mostMs = MOST_MS) {}

  /** Has the thread ready before there is a text: it takes longer to start than ComCam's package to be parsed. */
  start(): Piscina {
    this.pool ??= new Piscina({ filename: distFile('workers/header.js'), minThreads: 1, maxThreads: 1 });
    return this.pool;
  }

  /** @throws ArchiverError HEADER_INVALID, HEADER_WRONG_IMAGE */
  async parse(text: string, expected: Expected): Promise<HeaderPackage> {
    const signal = AbortSignal.timeout(this.mostMs);
    const task: ParseTask = { text, expected };
    try {
      return await this.start().run(task, { signal });
    } catch (error) {
      if (!signal.aborted) throw asArchiverError(error);
      const problem = `it was not read within ${this.mostMs / 1000} s`;
      throw new ArchiverError('HEADER_INVALID', { where: expected.where, problem });
    }
  }

  async close(): Promise<void> {
    await this.pool?.destroy();
    this.pool = undefined;
  }
}
