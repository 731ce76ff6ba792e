import type { HeaderSource } from '../header/port.js';
import { asArchiverError } from '../model/errors.js';
import type { HeaderPackage } from '../model/header-package.js';
import { Rounds } from '../model/rounds.js';
import { inLanes } from './lanes.js';
import { reviseImage } from './revise.js';
import type { ArchiveServices } from './services.js';

/** Long enough for a source to tell a package that is just being written from one that cannot be used. */
const LOOK_MS = 3000;
const LOOKS_AT_ONCE = 4;

export interface LateHeadersOptions {
  readonly headers: HeaderSource;
  /** Images that are looked after: the newest ones. */
  readonly images: number;
  readonly everySeconds: number;
}

/**
 * Looks from time to time whether the header package has come of an image that was archived without one. The ledger knows which those are. A count bounds
 * them, not a time: no change of a clock makes it forget.
 */
export class LateHeaders {
  /** By obsid, what was told last of an image: it is not told again. */
  private told = new Map<string, string>();
  private readonly rounds: Rounds;

  constructor(
    private readonly services: ArchiveServices,
    private readonly options: LateHeadersOptions,
  ) {
    const report = (error: unknown) => this.tell(error, '');
    const restMs = options.everySeconds * 1000;
    this.rounds = new Rounds({ clock: services.clock, restMs, round: (signal) => this.round(signal), report });
  }

  /** Ends after the files of the image that is under way. */
  close(): Promise<void> {
    return this.rounds.close();
  }

  private async round(signal: AbortSignal): Promise<void> {
    const obsids = await this.services.ledger.view().headerless(this.options.images);
    this.told = new Map([...this.told].filter(([obsid]) => obsid === '' || obsids.includes(obsid)));
    await inLanes(obsids, LOOKS_AT_ONCE, async (obsid) => {
      if (signal.aborted) return;
      await reviseImage(obsid, this.services, () => this.fetch(obsid, signal)).catch((error) =>
        this.tell(error, obsid),
      );
    });
  }

  private tell(thrown: unknown, obsid: string): void {
    const error = asArchiverError(thrown);
    if (error.code === 'HEADER_MISSING' || this.told.get(obsid) === error.message) return;
    this.told.set(obsid, error.message);
    this.services.report.problem(error, obsid);
  }

  private async fetch(obsid: string, signal: AbortSignal): Promise<HeaderPackage> {
    const over = new AbortController();
    const stopped = AbortSignal.any([over.signal, signal]);
    this.services.clock.delay(LOOK_MS, stopped).then(
      () => over.abort(),
      () => undefined,
    );
    try {
      return await this.options.headers.fetch(obsid, { signal: stopped });
    } finally {
      over.abort();
    }
  }
}
