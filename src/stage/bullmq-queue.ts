import { randomUUID } from 'node:crypto';
import { type Job as BullJob, Queue, Worker } from 'bullmq';
import type { ErrorData } from '../model/errors.js';
import { RedisConnection, type RedisReports, type RedisSettings } from '../redis/connection.js';
import { type Claim, type Job, jobId, type StageQueue } from './port.js';

export interface BullMqOptions {
  readonly redis: RedisSettings;
  /** Keys begin with it, so that several archivers may share a server. */
  readonly prefix: string;
  readonly reports: RedisReports;
  /** Milliseconds after which the job of a process that died is given out again: at most this and two stalled checks. */
  readonly lockMs?: number;
  readonly stalledMs?: number;
}

interface Held {
  readonly job: BullJob<Job>;
  readonly token: string;
  /** Date.now() at which the lease ends; until then this process renews the lock. */
  readonly until: number;
}

interface Bull {
  readonly queue: Queue<Job>;
  readonly worker: Worker<Job>;
}

const QUEUE = 'staging';
const LOCK_MS = 10_000;
const STALLED_MS = 5_000;
/** BullMQ gives up a job whose worker died this often. The ledger decides about giving up, so it never does. */
const NEVER = Number.MAX_SAFE_INTEGER;
/** What BullMQ answers to the holder of a lock that has ended: no such job, no lock, another state, another's lock. */
const STALE_LOCK = new Set([-1, -2, -3, -6]);

/**
 * The staging queue on Redis or Valkey, for many hosts. A claim is a lock that this process renews until its lease ends or it says what
 * became of the job; the lock of a process that died ends by itself. While the server is away nothing is taken and nothing is kept in
 * memory: the ledger adds what is open when it is back.
 */
export class BullMqQueue implements StageQueue {
  readonly #options: BullMqOptions;
  readonly #connection: RedisConnection;
  readonly #held = new Map<string, Held>();
  readonly #lockMs: number;
  readonly #renewal: NodeJS.Timeout;
  #bull: Promise<Bull> | undefined;

  /** @throws ArchiverError REDIS_UNSAFE */
  static async open(options: BullMqOptions): Promise<BullMqQueue> {
    return new BullMqQueue(await RedisConnection.open(options.redis, options.reports), options);
  }

  private constructor(connection: RedisConnection, options: BullMqOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#lockMs = options.lockMs ?? LOCK_MS;
    this.#renewal = setInterval(() => void this.#renew(), this.#lockMs / 3);
  }

  /**
   * Only once the server answers: what BullMQ begins with a connection that fails stays failed. What an earlier process kept back is due now, and
   * what it set aside is forgotten: whether it is to be tried again is the ledger's to say.
   */
  async #openBull(): Promise<Bull> {
    const { prefix, stalledMs = STALLED_MS } = this.#options;
    const shared = { connection: this.#connection.client, prefix };
    const queue = new Queue<Job>(QUEUE, { ...shared, defaultJobOptions: { removeOnComplete: true } });
    const lock = { lockDuration: this.#lockMs, stalledInterval: stalledMs, maxStalledCount: NEVER };
    const worker = new Worker<Job>(QUEUE, null, { ...shared, ...lock, autorun: false });
    queue.on('error', () => undefined); // the connection tells
    worker.on('error', () => undefined);
    await queue.clean(0, 0, 'failed');
    await queue.promoteJobs();
    void worker.startStalledCheckTimer();
    return { queue, worker };
  }

  async add(jobs: readonly Job[]): Promise<void> {
    if (!this.#connection.isReady) return;
    const known = jobs.map((job) => ({ name: job.kind, data: job, opts: { jobId: jobId(job) } }));
    await this.#asked(({ queue }) => queue.addBulk(known));
  }

  async claim(most: number, leaseMs: number): Promise<Claim[]> {
    const claims: Claim[] = [];
    while (claims.length < most && this.#connection.isReady) {
      const claim = await this.#claimOne(leaseMs);
      if (claim === undefined) break;
      claims.push(claim);
    }
    return claims;
  }

  async complete(claim: Claim): Promise<void> {
    await this.#end(claim, ({ job, token }) => job.moveToCompleted(null, token, false));
  }

  async fail(claim: Claim, error: ErrorData, delayMs?: number): Promise<void> {
    await this.#end(claim, ({ job, token }) =>
      delayMs === undefined
        ? job.moveToFailed(new Error(`${error.code}: ${error.message}`), token, false)
        : job.moveToDelayed(Date.now() + delayMs, token),
    );
  }

  async counts(): Promise<{ waiting: number; active: number; failed: number }> {
    const counts = await this.#asked(({ queue }) => queue.getJobCounts('waiting', 'delayed', 'active', 'failed'));
    const { waiting = 0, delayed = 0, active = 0, failed = 0 } = counts;
    return { waiting: waiting + delayed, active, failed };
  }

  async close(): Promise<void> {
    clearInterval(this.#renewal);
    this.#connection.close();
    const bull = await this.#bull?.catch(() => undefined);
    await Promise.allSettled([bull?.worker.close(true), bull?.queue.close()]);
  }

  async #claimOne(leaseMs: number): Promise<Claim | undefined> {
    const token = randomUUID();
    const job = await this.#asked(({ worker }) => worker.getNextJob(token, { block: false }));
    if (job?.id === undefined) return undefined;
    const lease = job.attemptsStarted;
    this.#held.set(`${job.id} ${lease}`, { job, token, until: Date.now() + leaseMs });
    if (leaseMs < this.#lockMs) await this.#asked(() => job.extendLock(token, leaseMs));
    return { job: job.data, id: job.id, attempt: lease, lease };
  }

  /** An older lease has no say: the job is another's by now, or done. */
  async #end(claim: Claim, move: (held: Held) => Promise<unknown>): Promise<void> {
    const key = `${claim.id} ${claim.lease}`;
    const held = this.#held.get(key);
    if (held === undefined) return;
    this.#held.delete(key);
    try {
      await this.#asked(() => move(held));
    } catch (error) {
      if (!STALE_LOCK.has((error as { cause?: { code?: number } }).cause?.code ?? 0)) throw error;
    }
  }

  /** A lock lives for a third of its time at least after each renewal, and not beyond its lease. */
  async #renew(): Promise<void> {
    const now = Date.now();
    for (const [key, held] of this.#held) {
      const left = held.until - now;
      if (left <= 0) this.#held.delete(key);
      else await held.job.extendLock(held.token, Math.min(left, this.#lockMs)).catch(() => undefined);
    }
  }

  /** A job that a command without an answer took nevertheless comes back when its lock ends. @throws ArchiverError REDIS_UNREACHABLE, INTERNAL */
  #asked<T>(command: (bull: Bull) => Promise<T>): Promise<T> {
    return this.#connection.ask(async () => {
      this.#bull ??= this.#openBull();
      const bull = await this.#bull.catch((error) => {
        this.#bull = undefined; // the server went away; the next command begins again
        throw error;
      });
      return await command(bull);
    });
  }
}
