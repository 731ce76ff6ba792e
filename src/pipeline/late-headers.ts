import { ArchiverError, asArchiverError } from '../model/errors.js';
import type { HeaderPackage } from '../model/header-package.js';
import type { ImageRow } from '../stage/port.js';
import { inLanes } from './lanes.js';
import { headerlessFiles, reviseImage } from './revise.js';
import type { ArchiveServices } from './services.js';

/** Long enough for a source to tell a package that is just being written from one that cannot be used. */
const LOOK_MS = 3000;
const LOOKS_AT_ONCE = 4;

export interface LateHeadersOptions {
  /** Images that are looked after; the oldest are let go first. */
  readonly images: number;
  readonly everySeconds: number;
}

/**
 * Looks from time to time whether the header package of an image has come that was archived without one. Images of earlier runs are known from the
 * ledger. A count bounds it, not a time: no change of a clock makes it forget.
 */
export class LateHeaders {
  /** Obsid, and why its package could not be used when it was last looked at. */
  private readonly waiting = new Map<string, string>();
  private readonly stop = new AbortController();
  private rounds: Promise<void> | undefined;

  constructor(
    private readonly services: ArchiveServices,
    private readonly options: LateHeadersOptions,
  ) {}

  async start(): Promise<void> {
    const obsids = await this.services.ledger.view().headerless(this.options.images);
    for (const obsid of obsids.reverse()) this.waiting.set(obsid, '');
    this.rounds = this.run();
  }

  /** An image has ended. */
  add(image: ImageRow): void {
    if (headerlessFiles(image).length === 0) return;
    this.waiting.set(image.obsid, '');
    while (this.waiting.size > this.options.images) this.waiting.delete(this.waiting.keys().next().value ?? '');
  }

  /** Ends after the files of the image that is under way. */
  async close(): Promise<void> {
    this.stop.abort();
    await this.rounds;
  }

  private async run(): Promise<void> {
    const { signal } = this.stop;
    while (!signal.aborted) {
      const newestFirst = [...this.waiting.keys()].reverse();
      await inLanes(newestFirst, LOOKS_AT_ONCE, async (obsid) => (signal.aborted ? undefined : this.look(obsid)));
      await this.services.clock.delay(this.options.everySeconds * 1000, signal).catch(() => undefined);
    }
  }

  private async look(obsid: string): Promise<void> {
    try {
      await reviseImage(obsid, this.services, () => this.fetch(obsid));
      this.waiting.delete(obsid);
    } catch (thrown) {
      const error = asArchiverError(thrown);
      if (error.code === 'HEADER_MISSING' || this.waiting.get(obsid) === error.message) return;
      this.waiting.set(obsid, error.message);
      this.services.report.problem(error, obsid);
    }
  }

  private async fetch(obsid: string): Promise<HeaderPackage> {
    const { headers, clock } = this.services;
    if (headers === undefined) throw new ArchiverError('HEADER_MISSING', { obsid, seconds: 0 });
    const over = new AbortController();
    const stopped = AbortSignal.any([over.signal, this.stop.signal]);
    clock.delay(LOOK_MS, stopped).then(
      () => over.abort(),
      () => undefined,
    );
    try {
      return await headers.fetch(obsid, { signal: stopped });
    } finally {
      over.abort();
    }
  }
}
