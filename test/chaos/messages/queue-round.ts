import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openTargets } from '../../../src/compose.js';
import { loadConfig } from '../../../src/config.js';
import { Deliverer } from '../../../src/handoff/deliverer.js';
import { systemClock } from '../../../src/model/clock.js';
import { loadNative } from '../../../src/native/binding.js';
import { inLanes } from '../../../src/pipeline/lanes.js';
import { EmbeddedQueue } from '../../../src/stage/embedded-queue.js';
import { LedgerThread, SqliteLedger } from '../../../src/stage/ledger/client.js';
import type { StageQueue } from '../../../src/stage/port.js';
import { sealFile } from '../../../src/stage/seal.js';
import { type StageHandlers, Stager } from '../../../src/stage/stager.js';
import type { Random } from '../random.js';
import { checkComplete, checkEvents, type Verdict } from '../storage/check.js';
import { Echo } from './echo.js';
import { closingOf, type Message, messagesOf, type Receivers } from './ledger-messages.js';
import { factsOf, manifestsBelow, type Reference, rootWithFiles } from './reference.js';

/** Short enough to end while work is under way: then the job is given out again, and the first claim comes back late. */
const LEASE_MS = 30;
const LONGEST_WORK_MS = 80;
const CALLERS = 6;
/** Two, as on two hosts. */
const STAGERS = 2;

export interface Counts {
  messages: number;
  refusedTooEarly: number;
  takeovers: number;
}

export interface QueueRound {
  readonly reference: Reference;
  /** Empty and new. */
  readonly root: string;
  readonly random: Random;
  /** Opens one more hold on the same queue; undefined is the embedded one. */
  readonly openQueue: (() => Promise<StageQueue>) | undefined;
}

/** All that the pipeline says of some images, to ledger, queue and two stagers, every message 1 to 10 times in any order and from several callers. */
export async function queueRound(round: QueueRound, counts: Counts, verdict: Verdict): Promise<void> {
  const { reference, root, random } = round;
  rootWithFiles(reference, root);
  const path = join(root, 'ledger.sqlite');
  const thread = await LedgerThread.start({ path, archiverName: 'chaos', clock: systemClock });
  const echo = new Echo(random);
  const ledger = repeating(new SqliteLedger(thread), echo);
  const open = round.openQueue ?? (async () => new EmbeddedQueue(thread));
  const stagers: Stager[] = [];
  const queues: StageQueue[] = [];
  for (let left = STAGERS; left > 0; left--) {
    const queue = counting(await open(), counts);
    queues.push(queue);
    stagers.push(await startedStager(round, ledger, queue));
  }
  try {
    const add: Receivers['add'] = (jobs) => random.pick(stagers).add(jobs);
    await say(reference.rows, { ledger, add }, echo, random, counts);
    for (const stager of stagers) await stager.drain();
    await echo.end();
    for (const stager of stagers) await stager.drain();
    counts.messages += echo.sent;
    for (const refused of echo.refused) verdict.violations.push(`a repeat was refused: ${refused}`);
    for (const stager of stagers) await stager.close(); // work may go on beyond its lease when the queue is empty already
    await check(round, new SqliteLedger(thread), verdict);
  } finally {
    for (const stager of stagers) await stager.close();
    for (const queue of queues) await queue.close();
    await thread.close();
  }
}

async function say(
  rows: Reference['rows'],
  receivers: Receivers,
  echo: Echo,
  random: Random,
  counts: Counts,
): Promise<void> {
  await sayAll(
    rows.flatMap((row) => messagesOf(row, receivers)),
    echo,
    random,
    counts,
  );
  await echo.end(); // the pipeline closes an image once it was told of all of it
  await sayAll(
    rows.map((row) => closingOf(row, receivers)),
    echo,
    random,
    counts,
  );
}

/** In any order. What is refused, because what it needs was not said yet, is said again. */
async function sayAll(messages: readonly Message[], echo: Echo, random: Random, counts: Counts): Promise<void> {
  let left = random.shuffled(messages);
  for (let tries = 0; left.length > 0; tries++) {
    if (tries === messages.length) throw new Error(`${left[0]?.name} is refused for ever`);
    const again: Message[] = [];
    await inLanes(left, CALLERS, async (message) => {
      await echo.send(message.send).catch((error: Error) => {
        if (!/was not begun/.test(error.message)) throw error;
        counts.refusedTooEarly += 1;
        again.push(message);
      });
    });
    left = random.shuffled(again);
  }
}

/** What the stagers say is repeated too. */
function repeating(ledger: SqliteLedger, echo: Echo): SqliteLedger {
  const sealed = ledger.recordSeal.bind(ledger);
  const delivered = ledger.recordDelivery.bind(ledger);
  ledger.recordSeal = (file, outcome) => echo.send(() => sealed(file, outcome));
  ledger.recordDelivery = (file, delivery) => echo.send(() => delivered(file, delivery));
  return ledger;
}

function counting(queue: StageQueue, counts: Counts): StageQueue {
  const claim = queue.claim.bind(queue);
  queue.claim = async (most, leaseMs) => {
    const claims = await claim(most, leaseMs);
    counts.takeovers += claims.filter(({ attempt }) => attempt > 1).length;
    return claims;
  };
  return queue;
}

async function startedStager({ root, random }: QueueRound, ledger: SqliteLedger, queue: StageQueue): Promise<Stager> {
  const deliverer = new Deliverer(root, await openTargets(loadConfig({ flags: { root } }, {})));
  const { dataSum } = loadNative();
  const handlers: StageHandlers = {
    seal: ({ path, sidecarPath, bytes }) =>
      sealFile({ path: join(root, path), sidecarPath: join(root, sidecarPath), bytes }, dataSum),
    deliver: (target, row) => deliverer.deliver(target, row),
  };
  const stager = new Stager({
    ledger,
    queue,
    handlers: slow(handlers, random),
    clock: systemClock,
    concurrency: 4,
    leaseMs: LEASE_MS,
    attempts: Number.POSITIVE_INFINITY,
    report: () => undefined, // what matters is what became of it
  });
  await stager.start();
  return stager;
}

/** Work that waits before and after, now and then beyond its lease. */
function slow(handlers: StageHandlers, random: Random): StageHandlers {
  const wait = () => (random.next() < 0.15 ? delay(random.integer(1, LONGEST_WORK_MS)) : undefined);
  return {
    seal: async (row) => {
      await wait();
      const seal = await handlers.seal(row);
      await wait();
      return seal;
    },
    deliver: async (target, row) => {
      await wait();
      const delivery = await handlers.deliver(target, row);
      await wait();
      return delivery;
    },
  };
}

async function check({ reference, root }: QueueRound, ledger: SqliteLedger, verdict: Verdict): Promise<void> {
  const { violations } = verdict;
  const events = await ledger.events().pending('bus', 1_000_000);
  checkEvents(events, verdict);
  if (factsOf(events).join() !== reference.events.join())
    violations.push('the events are others than those of one saying');
  for (const { obsid, state, files } of await ledger.images(1000)) {
    if (state !== 'complete') violations.push(`${obsid} is ${state}`);
    const open = files.filter((row) => row.deliveries.some((delivery) => delivery.state !== 'delivered'));
    for (const { path } of open) violations.push(`${path} was not delivered everywhere`);
  }
  checkComplete(root, reference.names, verdict);
  const manifests = manifestsBelow(root);
  if (manifests.join() !== reference.manifests.join()) violations.push(`manifests: ${manifests.join(', ')}`);
}
