import { expect, it, onTestFinished } from 'vitest';
import { ArchiverError } from '../../src/model/errors.js';
import type { StageQueue } from '../../src/stage/port.js';
import { Stager } from '../../src/stage/stager.js';
import { ManualTimer } from '../support/manual-timer.js';
import { keptTempDir } from '../support/temp.js';
import { openLedger } from './open-ledger.js';
import { fileId, imageStart, SEAL, written } from './records.js';

const LEASE_MS = 60_000;

/** A queue that refuses the first two things that it is told of a job, as one on a full disk does. */
function refusing(queue: StageQueue): StageQueue {
  let left = 2;
  const refuse = () => {
    if (left-- > 0) throw new ArchiverError('DISK_FULL', { path: '/data' });
  };
  return Object.assign(Object.create(queue) as StageQueue, {
    add: (jobs: Parameters<StageQueue['add']>[0]) => queue.add(jobs),
    claim: (most: number, leaseMs: number) => queue.claim(most, leaseMs),
    counts: () => queue.counts(),
    complete: async (claim: Parameters<StageQueue['complete']>[0]) => {
      refuse();
      await queue.complete(claim);
    },
    fail: async (...args: Parameters<StageQueue['fail']>) => {
      refuse();
      await queue.fail(...args);
    },
  });
}

it.each(['is done', 'fails once'])(
  'A job that %s while the queue cannot be told is told again, long before its lease ends',
  async (how) => {
    const folder = keptTempDir();
    const clock = new ManualTimer();
    const { ledger, queue } = await openLedger(folder.path, clock);
    let failures = how === 'is done' ? 0 : 1;
    const stager = new Stager({
      ledger,
      queue: refusing(queue),
      clock,
      concurrency: 1,
      leaseMs: LEASE_MS,
      attempts: Number.POSITIVE_INFINITY,
      report: () => undefined,
      handlers: {
        seal: async () => {
          if (failures-- > 0) throw new ArchiverError('WRITE_FAILED', { path: '/data/x', reason: 'no' });
          return SEAL;
        },
        deliver: async () => {
          throw new Error('no target here');
        },
      },
    });
    onTestFinished(async () => {
      await stager.close();
      await ledger.close();
      folder.remove();
    });
    await ledger.beginImage(imageStart());
    await ledger.recordWritten(written(fileId('S00'), []));
    await stager.start();
    const isDone = async () => {
      const { waiting, active } = await queue.counts();
      return waiting + active === 0 && (await ledger.view().openJobs()).length === 0;
    };
    while (!(await isDone()) && clock.monotonicMs() < LEASE_MS / 2) await clock.advance(100);
    expect(await isDone()).toBe(true);
  },
);
