import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ArchiverError } from '../../src/model/errors.js';
import { type Claim, type Job, jobId, type StageQueue } from '../../src/stage/port.js';
import { fileId, SENSORS } from '../stage/records.js';

export interface QueueSubject {
  readonly queue: StageQueue;
  /** Moves the queue's clock on by so much, or waits for it where the clock is the server's. */
  readonly advance: (ms: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

const ERROR = new ArchiverError('DISK_FULL', { path: '/data' }).toData();
const JOBS: Job[] = [
  ...SENSORS.map((sensor): Job => ({ kind: 'seal', file: fileId(sensor) })),
  ...SENSORS.map((sensor): Job => ({ kind: 'deliver', target: 'oods', file: fileId(sensor) })),
];
const [FIRST, SECOND] = JOBS as [Job, Job];

export interface QueueTraits {
  /** Whether the clock stands still between two calls, so that the queue can be compared with a model step by step. */
  readonly standingClock: boolean;
}

/** What every StageQueue promises. `open` gives a new, empty one. */
export function stageQueueConformance(
  name: string,
  { standingClock }: QueueTraits,
  open: () => Promise<QueueSubject>,
): void {
  describe(`${name} as a StageQueue`, () => {
    let subject: QueueSubject;
    let queue: StageQueue;

    beforeEach(async () => {
      subject = await open();
      queue = subject.queue;
    });
    afterEach(() => subject.close());

    const claimOne = async () => (await queue.claim(1, 1000))[0] as Claim;

    it('gives out each job once, oldest first, in batches', async () => {
      await queue.add(JOBS);
      const claims = [...(await queue.claim(10, 1000)), ...(await queue.claim(10, 1000))];
      expect(claims.map(({ job }) => job)).toEqual(JOBS);
      expect(claims.every(({ attempt }) => attempt === 1)).toBe(true);
      expect(await queue.claim(10, 1000)).toEqual([]);
      expect(await queue.counts()).toEqual({ waiting: 0, active: JOBS.length, failed: 0 });
    });

    it('takes the same work once, whether it waits, is under way or is set aside', async () => {
      await queue.add([FIRST, FIRST]);
      await queue.add([FIRST]);
      const claim = await claimOne();
      await queue.add([FIRST]);
      expect(await queue.claim(1, 1000)).toEqual([]);
      await queue.fail(claim, ERROR);
      await queue.add([FIRST]);
      expect(await queue.counts()).toEqual({ waiting: 0, active: 0, failed: 1 });
    });

    it('takes finished work again: whether it is needed is the ledger’s business', async () => {
      await queue.add([FIRST]);
      await queue.complete(await claimOne());
      await queue.add([FIRST]);
      expect((await claimOne()).job).toEqual(FIRST);
    });

    it('gives out a job again when its lease has ended, not before', async () => {
      await queue.add([FIRST]);
      const claim = await claimOne();
      await subject.advance(700);
      expect(await queue.claim(1, 1000)).toEqual([]);
      await subject.advance(301);
      const again = await claimOne();
      expect(again).toMatchObject({ id: claim.id, attempt: 2 });
      expect(again.lease).toBeGreaterThan(claim.lease);
    });

    it('ignores what the holder of an older lease says', async () => {
      await queue.add([FIRST]);
      const old = await claimOne();
      await subject.advance(1001);
      const held = await claimOne();
      await queue.complete(old);
      await queue.fail(old, ERROR);
      expect(await queue.counts()).toEqual({ waiting: 0, active: 1, failed: 0 });
      await queue.complete(held);
      expect(await queue.counts()).toEqual({ waiting: 0, active: 0, failed: 0 });
    });

    it('keeps a failed job back for its delay', async () => {
      await queue.add([FIRST, SECOND]);
      await queue.fail(await claimOne(), ERROR, 500);
      expect((await claimOne()).job).toEqual(SECOND);
      expect(await queue.claim(1, 1000)).toEqual([]);
      await subject.advance(501);
      expect(await claimOne()).toMatchObject({ job: FIRST, attempt: 2 });
    });

    if (!standingClock) return;
    it('behaves as its model under any sequence of calls', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(command, { maxLength: 40 }), async (commands) => {
          const fresh = await open();
          try {
            await runAgainstModel(fresh, commands);
          } finally {
            await fresh.close();
          }
        }),
        { numRuns: 25 },
      );
    });
  });
}

type Command =
  | { readonly kind: 'add'; readonly jobs: readonly number[] }
  | { readonly kind: 'claim'; readonly most: number; readonly leaseMs: number }
  | { readonly kind: 'complete' | 'set aside'; readonly claim: number }
  | { readonly kind: 'put back'; readonly claim: number; readonly delayMs: number }
  | { readonly kind: 'advance'; readonly ms: number };

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), jobs: fc.array(fc.nat(JOBS.length - 1), { maxLength: 4 }) }),
  fc.record({ kind: fc.constant('claim' as const), most: fc.integer({ min: 1, max: 4 }), leaseMs: fc.constant(100) }),
  fc.record({ kind: fc.constantFrom('complete' as const, 'set aside' as const), claim: fc.nat(30) }),
  fc.record({ kind: fc.constant('put back' as const), claim: fc.nat(30), delayMs: fc.constantFrom(0, 50, 200) }),
  fc.record({ kind: fc.constant('advance' as const), ms: fc.constantFrom(10, 60, 150) }),
);

interface ModelJob {
  readonly job: Job;
  state: 'waiting' | 'active' | 'failed';
  due: number;
  attempt: number;
  /** Position of the claim that holds it among all claims. */
  holder: number;
}

async function runAgainstModel({ queue, advance }: QueueSubject, commands: readonly Command[]): Promise<void> {
  const model = new QueueModel();
  const claims: Claim[] = [];
  for (const step of commands) {
    if (step.kind === 'advance') {
      model.now += step.ms;
      await advance(step.ms);
    } else if (step.kind === 'add') {
      const jobs = step.jobs.map((index) => JOBS[index] as Job);
      model.add(jobs);
      await queue.add(jobs);
    } else if (step.kind === 'claim') {
      const got = await queue.claim(step.most, step.leaseMs);
      const expected = model.claim(step.most, step.leaseMs);
      expect(got.map(({ job, attempt }) => ({ job, attempt }))).toEqual(expected);
      claims.push(...got);
    } else {
      const claim = claims[step.claim];
      if (claim === undefined) continue;
      const delayMs = step.kind === 'put back' ? step.delayMs : undefined;
      model.end(step.claim, step.kind === 'complete', delayMs);
      await (step.kind === 'complete' ? queue.complete(claim) : queue.fail(claim, ERROR, delayMs));
    }
  }
  expect(await queue.counts()).toEqual(model.counts());
}

/** Jobs in the order of their first add; a claim counts only while it is the last one of its job. */
class QueueModel {
  now = 0;
  #jobs: ModelJob[] = [];
  #claims: ModelJob[] = [];

  add(jobs: readonly Job[]): void {
    for (const job of jobs) {
      if (this.#jobs.some((known) => jobId(known.job) === jobId(job))) continue;
      this.#jobs.push({ job, state: 'waiting', due: 0, attempt: 0, holder: -1 });
    }
  }

  claim(most: number, leaseMs: number): { job: Job; attempt: number }[] {
    const due = this.#jobs.filter(({ state, due }) => state !== 'failed' && due <= this.now).slice(0, most);
    for (const entry of due) {
      entry.holder = this.#claims.push(entry) - 1;
      Object.assign(entry, { state: 'active', due: this.now + leaseMs, attempt: entry.attempt + 1 });
    }
    return due.map(({ job, attempt }) => ({ job, attempt }));
  }

  end(claim: number, isDone: boolean, delayMs: number | undefined): void {
    const entry = this.#claims[claim];
    if (entry?.state !== 'active' || entry.holder !== claim) return;
    if (isDone) this.#jobs = this.#jobs.filter((other) => other !== entry);
    entry.state = delayMs === undefined ? 'failed' : 'waiting';
    entry.due = this.now + (delayMs ?? 0);
  }

  counts(): { waiting: number; active: number; failed: number } {
    const count = (state: ModelJob['state']) => this.#jobs.filter((entry) => entry.state === state).length;
    return { waiting: count('waiting'), active: count('active'), failed: count('failed') };
  }
}
