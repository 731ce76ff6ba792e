import { composeArchiver, openWeb } from '../compose.js';
import type { Config } from '../config.js';
import type { DaqAddress } from '../daq/address.js';
import type { DaqImage } from '../daq/port.js';
import { type Clock, systemClock } from '../model/clock.js';
import { type ArchiverError, ERRORS } from '../model/errors.js';
import { LEAP_SECONDS_EXPIRE } from '../model/leap-seconds.js';
import { leapSecondsExpired } from '../model/time.js';
import { type Archiver, imageRows } from '../pipeline/archiver.js';
import type { ImageResult } from '../pipeline/intake.js';
import { type Reconciliation, reconcile } from '../pipeline/reconcile.js';
import type { ImageRow } from '../stage/port.js';
import { Ending } from './ending.js';
import { SessionFigures } from './session-figures.js';
import { nothingFailed, type Summary, summarize } from './summary.js';

export interface SessionOptions {
  readonly config: Config;
  readonly daq: DaqAddress;
  /** Images still come (the DAQ), or all are there (a capture). */
  readonly live: boolean;
  /** Hand-off to the targets, or archive only. */
  readonly stage: boolean;
  /** Ends when the images that the DAQ has now are archived; told how they stand then. */
  readonly onReconciled?: (reconciliation: Reconciliation) => void;
  /** Status over HTTP while it lasts. */
  readonly web?: boolean;
  /** End a live session after this many images; SIGINT and SIGTERM end any within 10 s. */
  readonly count?: number | undefined;
  /** Everything is open, and images are taken from now on. */
  readonly onServing?: () => void;
  readonly onImage?: (row: ImageRow) => void;
}

export interface SessionResult {
  readonly summary: Summary;
  readonly rows: readonly ImageRow[];
  readonly exitCode: number;
}

/** A service that was asked to end has done what it was asked to; what ends by itself was cut short. */
const interruptedExit = (live: boolean) => (live ? 0 : 1);

/** One run of the archiver from start to a drained end; `run`, `replay` and `demo` are this with different sources. */
export async function runSession(options: SessionOptions): Promise<SessionResult> {
  warnOfOldLeapSeconds(systemClock);
  const ending = new Ending(interruptedExit(options.live));
  try {
    return await archiveUntil(ending, options);
  } finally {
    ending.over();
  }
}

async function archiveUntil(ending: Ending, options: SessionOptions): Promise<SessionResult> {
  let archiver: Archiver | undefined;
  const web = options.web === true ? await openWeb(options.config, { archiver: () => archiver }) : undefined;
  const facts = new SessionRecord(options, ending.stop);
  try {
    archiver = await composeArchiver(options.config, {
      daq: options.daq,
      live: options.live,
      stage: options.stage,
      count: options.count,
      ends: !options.live || options.count !== undefined || options.onReconciled !== undefined,
      report: facts,
      onResult: (result) => facts.result(result),
    });
    options.onServing?.();
    return await archiveWith(archiver, facts, ending, options);
  } finally {
    await web?.close();
  }
}

async function archiveWith(
  archiver: Archiver,
  facts: SessionRecord,
  ending: Ending,
  options: SessionOptions,
): Promise<SessionResult> {
  const { stop, deliveries } = ending;
  const { intake } = archiver;
  const leaving = ending.images.signal;
  const leave = () => intake.leave();
  leaving.addEventListener('abort', leave);
  if (leaving.aborted) leave();
  try {
    const { live, onReconciled } = options;
    const isOnce = !live || onReconciled !== undefined;
    const taking = isOnce ? intake.runOnce(stop.signal) : intake.run(stop.signal).then(() => undefined);
    const images = await ending.until<readonly DaqImage[] | undefined>(taking);
    await ending.until(archiver.drained(deliveries.signal));
    if (images !== undefined) onReconciled?.(await reconcile(images, archiver.ledger.view()));
    const rows = await imageRows(archiver.ledger, facts.obsids);
    const result = finish(facts, rows, options.stage ? archiver.targets : []);
    return ending.wasInterrupted ? { ...result, exitCode: interruptedExit(options.live) } : result;
  } finally {
    leaving.removeEventListener('abort', leave);
    await archiver.close();
  }
}

/** Times go on with the last known difference, which a new leap second would make wrong by 1 s: say so, archive all the same. */
function warnOfOldLeapSeconds(clock: Clock): void {
  if (!leapSecondsExpired(clock.nowUtcMs())) return;
  process.stderr.write(`ccarchiver: the leap-second table ends on ${LEAP_SECONDS_EXPIRE}; install a newer version\n`);
}

function finish(facts: SessionRecord, rows: readonly ImageRow[], targets: readonly string[]): SessionResult {
  const { refused } = facts;
  const { problems, latencies, first } = facts.figures;
  const summary = summarize({ rows, refused, problems, latencies, targets });
  const exitCode = nothingFailed(summary, rows) ? 0 : first === undefined ? 1 : ERRORS[first].exit;
  return { summary, rows, exitCode };
}

/** What happened in a session, as it happens: problems go to stderr in one line each. */
class SessionRecord {
  readonly obsids: string[] = [];
  readonly figures = new SessionFigures();
  refused = 0;

  constructor(
    private readonly options: SessionOptions,
    private readonly stop: AbortController,
  ) {}

  problem(error: ArchiverError): void {
    this.figures.problem(error);
    process.stderr.write(`ccarchiver: ${error.code}: ${error.message}\n`);
  }

  written(_file: unknown, _bytes: number, msAfterReadout: number): void {
    this.figures.written(msAfterReadout);
  }

  result(result: ImageResult): void {
    if ('error' in result) {
      this.refused++;
      this.problem(result.error);
    } else {
      this.obsids.push(result.row.obsid);
      this.options.onImage?.(result.row);
    }
    if (this.obsids.length + this.refused === this.options.count) this.stop.abort();
  }
}
