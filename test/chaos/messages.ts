import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BullMqQueue } from '../../src/stage/bullmq-queue.js';
import { REDIS_MISSING, RedisServer } from '../support/redis.js';
import type { ChaosCase, ChaosContext, ChaosFindings } from './case.js';
import { type Counts, queueRound } from './messages/queue-round.js';
import { type Reference, referenceOf } from './messages/reference.js';
import type { Random } from './random.js';
import { addVerdict, newVerdict, type Verdict } from './storage/check.js';

/** The wire's own locks and checks, as short as the leases of the round. */
const BULL = { lockMs: 60, stalledMs: 50 };

type Round = (root: string, verdict: Verdict) => Promise<void>;

/**
 * Everything that is said to ledger, queue and stagers is said 1 to 10 times, in another order and by several at once, with leases that end while the
 * work goes on: with the embedded queue, and with BullMQ where there is a Redis.
 */
export const messages: ChaosCase = {
  name: 'messages',
  promise:
    'A message that comes several times, too early, too late or from several callers has its effect once: one event for a fact, one file, one delivery, one manifest.',
  needs: [],
  units: { test: 2500, all: 10_000, full: 100_000 },
  unit: 'messages',
  run: runRounds,
};

async function runRounds({ units, folder, random, signal, say }: ChaosContext): Promise<ChaosFindings> {
  const reference = await referenceOf(folder);
  const counts: Counts = { messages: 0, refusedTooEarly: 0, takeovers: 0 };
  const verdict = newVerdict();
  const redis = REDIS_MISSING === undefined ? await RedisServer.start() : undefined;
  if (redis === undefined) say(`BullMQ is not run: ${REDIS_MISSING}`);
  const rounds = roundsOf({ reference, random, counts, redis });
  try {
    for (let round = 0; counts.messages < units.count && !signal.aborted; round++) {
      const root = join(folder, `round-${round}`);
      mkdirSync(root);
      const found = newVerdict();
      await rounds[round % rounds.length]?.(root, found);
      if (found.violations.length === 0) rmSync(root, { recursive: true, force: true });
      addVerdict(verdict, found, `round ${round}`);
    }
  } finally {
    await redis?.remove();
  }
  const { violations, duplicateEffects } = verdict;
  return { counts: { duplicateEffects, ...counts }, violations };
}

function roundsOf(parts: {
  readonly reference: Reference;
  readonly random: Random;
  readonly counts: Counts;
  readonly redis: RedisServer | undefined;
}): Round[] {
  const { reference, random, counts, redis } = parts;
  const common = { reference, random };
  const embedded: Round = (root, verdict) => queueRound({ ...common, root, openQueue: undefined }, counts, verdict);
  if (redis === undefined) return [embedded];
  let queues = 0;
  const bull: Round = (root, verdict) => {
    const prefix = `round${queues++}`;
    const reports = { lost: () => undefined, ready: () => undefined };
    const openQueue = () => BullMqQueue.open({ redis: { url: redis.url }, prefix, reports, ...BULL });
    return queueRound({ ...common, root, openQueue }, counts, verdict);
  };
  return [embedded, bull];
}
