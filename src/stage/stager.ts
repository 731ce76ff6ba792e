import type { Delivery } from '../handoff/port.js';
import type { Timer } from '../model/clock.js';
import { ArchiverError, asArchiverError } from '../model/errors.js';
import { retryDelayMs } from './back-off.js';
import type { Claim, DeliveryRow, FileRow, Job, Ledger, Seal, StageQueue } from './port.js';

/** The work itself; both may be called again for the same file and must then end the same. */
export interface StageHandlers {
  /** Reads a written file back. */
  seal(row: FileRow): Promise<Seal>;
  /** Hands a sealed file to a target. */
  deliver(target: string, row: FileRow): Promise<Delivery>;
}

export interface StagerOptions {
  readonly ledger: Ledger;
  readonly queue: StageQueue;
  readonly handlers: StageHandlers;
  readonly clock: Timer;
  /** Jobs under way at once. */
  readonly concurrency: number;
  /** A job that takes longer than this may be given out again. */
  readonly leaseMs: number;
  /** Tries of one job before it is set aside although its error may pass; Infinity for a service. */
  readonly attempts: number;
  /** What went wrong, for people; decisions are in the ledger. */
  readonly report: (error: ArchiverError, job: Job | undefined) => void;
}

/** Looks for jobs of other processes and for ended leases; our own jobs ring. */
const POLL_MS = 1_000;
const RECONCILE_MS = 60_000;

/**
 * Seals and delivers what the ledger says is open. The queue only rings: before a job is worked on its state is read
 * from the ledger, so a job that comes twice, late or too early has no effect.
 */
export class Stager {
  readonly #options: StagerOptions;
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<void>>();
  readonly #changes = new EventTarget();
  #claiming: Promise<void> | undefined;
  #rung = false;

  constructor(options: StagerOptions) {
    this.#options = options;
  }

  /** Puts what the ledger has open into the queue and works until close(). */
  async start(): Promise<void> {
    await this.reconcile();
    void this.#every(POLL_MS, async () => this.#ring());
    void this.#every(RECONCILE_MS, () => this.reconcile());
  }

  /** Resolves when the jobs are in the queue; work on them begins at once. */
  async add(jobs: readonly Job[]): Promise<void> {
    if (jobs.length > 0) await this.#options.queue.add(jobs);
    this.#ring();
  }

  /** Adds what the ledger has open and the queue may have lost. */
  async reconcile(): Promise<void> {
    await this.add(await this.#options.ledger.view().openJobs());
  }

  /**
   * Resolves when all that the ledger has open is done or set aside, or work has ended by close().
   * @throws the signal's reason
   */
  async drain(signal?: AbortSignal): Promise<void> {
    const aborted = new Promise((resolve) => signal?.addEventListener('abort', resolve, { once: true }));
    while (!this.#closing.signal.aborted) {
      const change = new Promise((resolve) => {
        this.#changes.addEventListener('change', resolve, { once: true });
      });
      if (await this.#isIdle()) {
        await this.reconcile();
        if (await this.#isIdle()) return;
      }
      if (signal?.aborted !== true) await Promise.race([change, aborted]);
      signal?.throwIfAborted();
    }
  }

  /** Takes no more jobs and waits for those under way. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#claiming;
    await Promise.all(this.#running);
    this.#changes.dispatchEvent(new Event('change'));
  }

  /** A queue that is away may hold anything: it is not idle, and is asked again. */
  async #isIdle(): Promise<boolean> {
    try {
      const { waiting, active } = await this.#options.queue.counts();
      return waiting + active === 0;
    } catch (thrown) {
      if (asArchiverError(thrown).retryable) return false;
      throw thrown;
    }
  }

  /** Starts a round of claims, or has the one under way go round again. */
  #ring(): void {
    this.#rung = true;
    this.#claimIfRung();
    this.#changes.dispatchEvent(new Event('change'));
  }

  #claimIfRung(): void {
    if (!this.#rung || this.#claiming !== undefined || this.#closing.signal.aborted) return;
    this.#claiming = this.#claim().finally(() => {
      this.#claiming = undefined;
      this.#claimIfRung();
    });
  }

  async #claim(): Promise<void> {
    const { queue, concurrency, leaseMs } = this.#options;
    while (this.#rung && !this.#closing.signal.aborted) {
      this.#rung = false;
      const free = concurrency - this.#running.size;
      if (free === 0) continue;
      const claims = await this.#reported(() => queue.claim(free, leaseMs));
      for (const claim of claims ?? []) this.#start(claim);
    }
  }

  #start(claim: Claim): void {
    const run = this.#runUntilTold(claim).then(() => {
      this.#running.delete(run);
      this.#ring();
    });
    this.#running.add(run);
  }

  /**
   * A queue or a ledger that could not be told of a job's end is told again while the lease lasts, so that an error which passes does not keep
   * the job until then. Doing the work again is doing it once.
   */
  async #runUntilTold(claim: Claim): Promise<void> {
    const { clock, leaseMs } = this.#options;
    const { signal } = this.#closing;
    const end = clock.monotonicMs() + leaseMs;
    for (let attempt = 1; clock.monotonicMs() < end && !signal.aborted; attempt++) {
      try {
        return await this.#run(claim);
      } catch (thrown) {
        const error = asArchiverError(thrown);
        this.#options.report(error, claim.job);
        const delayMs = retryDelayMs(error, attempt, Number.POSITIVE_INFINITY);
        if (delayMs === undefined) return;
        await clock.delay(delayMs, signal).catch(() => undefined);
      }
    }
  }

  async #run(claim: Claim): Promise<void> {
    try {
      await this.#work(claim.job);
    } catch (thrown) {
      return await this.#fail(claim, asArchiverError(thrown));
    }
    await this.#options.queue.complete(claim);
  }

  /** What the ledger does not have open is done already, or comes again when it is open. */
  async #work(job: Job): Promise<void> {
    const row = await this.#options.ledger.view().file(job.file);
    if (row === undefined) return;
    if (job.kind === 'seal' && row.state !== 'sealed') await this.#seal(row);
    const delivery = row.deliveries.find(({ target }) => job.kind === 'deliver' && target === job.target);
    const isOpen = delivery?.state === 'pending' || delivery?.state === 'failed';
    if (delivery !== undefined && row.state === 'sealed' && isOpen) await this.#deliver(row, delivery.target);
  }

  async #seal(row: FileRow): Promise<void> {
    const { ledger, handlers } = this.#options;
    await ledger.recordSeal(row.file, await handlers.seal(row));
    const pending = row.deliveries.filter(({ state }) => state === 'pending');
    await this.add(pending.map(({ target }) => ({ kind: 'deliver', file: row.file, target })));
  }

  async #deliver(row: FileRow, target: string): Promise<void> {
    const { ledger, handlers } = this.#options;
    const delivery = await handlers.deliver(target, row);
    await ledger.recordDelivery(row.file, deliveryRow(target, delivery));
    if (delivery.outcome === 'conflict')
      this.#options.report(conflictError(delivery), { kind: 'deliver', file: row.file, target });
  }

  /** The job waits for its next try, or is set aside in ledger and queue. */
  async #fail(claim: Claim, error: ArchiverError): Promise<void> {
    const { clock, queue, attempts } = this.#options;
    const delayMs = retryDelayMs(error, claim.attempt, attempts);
    if (claim.attempt === 1 || delayMs === undefined) this.#options.report(error, claim.job); // not each try of an outage
    if (delayMs === undefined) await this.#setAside(claim.job, error);
    await queue.fail(claim, error.toData(), delayMs);
    if (delayMs === undefined) return;
    clock.delay(delayMs, this.#closing.signal).then(
      () => this.#ring(),
      () => undefined,
    );
  }

  async #setAside(job: Job, error: ArchiverError): Promise<void> {
    const { ledger } = this.#options;
    if (job.kind === 'seal') return await ledger.recordSeal(job.file, error.toData());
    await ledger.recordDelivery(job.file, { target: job.target, state: 'failed', uri: null, error: error.toData() });
  }

  /** An error of queue or ledger is told, not passed on: the next round tries again. */
  async #reported<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (thrown) {
      this.#options.report(asArchiverError(thrown), undefined);
      return undefined;
    }
  }

  async #every(ms: number, work: () => Promise<void>): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await this.#options.clock.delay(ms, signal).catch(() => undefined);
      if (!signal.aborted) await this.#reported(work);
    }
  }
}

function deliveryRow(target: string, delivery: Delivery): DeliveryRow {
  const { uri } = delivery;
  if (delivery.outcome === 'delivered') return { target, state: 'delivered', uri, error: null };
  return { target, state: 'conflict', uri, error: conflictError(delivery).toData() };
}

function conflictError({ uri, asidePath }: Extract<Delivery, { outcome: 'conflict' }>): ArchiverError {
  return new ArchiverError('FILE_CONFLICT', { path: uri, aside: asidePath });
}
