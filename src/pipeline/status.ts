import type { AssemblerStatistics } from '../assemble/port.js';
import type { Clock } from '../model/clock.js';
import type { ArchiverError, ErrorData } from '../model/errors.js';
import type { FileId } from '../model/ids.js';
import { isoFromTai, taiNow } from '../model/time.js';
import type { EventLog, EventReader, ImageRow, ImageState, LedgerView, StageQueue } from '../stage/port.js';
import type { IntakeStatus } from './intake.js';
import type { ArchiveReport } from './services.js';
import type { RootDisk, StorageHold } from './storage-hold.js';

/** Images and problems that a status shows. */
const LATEST = 10;
const PROBLEMS = 20;

export interface Problem extends Pick<ErrorData, 'code' | 'message'> {
  /** TAI. */
  readonly time: string;
  /** Empty when it is of no one image. */
  readonly obsid: string;
}

/** What a running archiver is doing. Times are TAI, sizes bytes. */
export interface ArchiverStatus {
  readonly archiverName: string;
  readonly version: string;
  readonly camera: string;
  readonly pid: number;
  readonly since: string;
  /** holding: nothing can be written, so nothing is begun or acknowledged; `hold` says why. */
  readonly state: 'archiving' | 'holding';
  readonly hold: Pick<ErrorData, 'code' | 'message'> | null;
  readonly daq: IntakeStatus['daq'];
  readonly images: {
    readonly underWay: readonly string[];
    /** Taken note of, and still in the DAQ. */
    readonly waiting: number;
    readonly latest: readonly { readonly obsid: string; readonly state: ImageState; readonly files: number }[];
  };
  readonly disk: { readonly path: string; readonly freeBytes: number; readonly reserveBytes: number };
  /** null while its process is being replaced. */
  readonly assembler: AssemblerStatistics | null;
  /** null while the queue is away. */
  readonly queue: { readonly waiting: number; readonly active: number; readonly failed: number } | null;
  /** Events that wait to be published (bus), and files at the prompt key of which webhook and stream are still to be notified. */
  readonly outbox: Partial<Record<EventReader, number>>;
  /** Images whose files are at their prompt keys without GROUPID, since the start; newest last. */
  readonly unmatched: readonly string[];
  /** Newest last. */
  readonly problems: readonly Problem[];
}

export interface StatusSources {
  readonly about: Pick<ArchiverStatus, 'archiverName' | 'version' | 'camera' | 'since'>;
  readonly intake: { status(): IntakeStatus };
  readonly storage: StorageHold;
  readonly disk: RootDisk;
  readonly reserveBytes: number;
  readonly assembler: { statistics(): Promise<AssemblerStatistics> };
  readonly queue: Pick<StageQueue, 'counts'>;
  readonly ledger: { view(): Pick<LedgerView, 'images'>; events(): Pick<EventLog, 'backlog'> };
  readonly visits: { readonly withoutGroup: readonly string[] };
  readonly problems: RecentProblems;
}

export async function archiverStatus(sources: StatusSources): Promise<ArchiverStatus> {
  const { about, storage, disk, reserveBytes, problems } = sources;
  const [freeBytes, latest, outbox, assembler, queue] = await Promise.all([
    disk.freeBytes(),
    sources.ledger.view().images(LATEST),
    sources.ledger.events().backlog(),
    orNull(sources.assembler.statistics()),
    orNull(sources.queue.counts()),
  ]);
  const { daq, underWay, waiting } = sources.intake.status();
  const { reason } = storage;
  return {
    ...about,
    pid: process.pid,
    state: reason === undefined ? 'archiving' : 'holding',
    hold: reason === undefined ? null : { code: reason.code, message: reason.message },
    daq,
    images: { underWay, waiting, latest: latest.map(imageStatus) },
    disk: { path: disk.path, freeBytes, reserveBytes },
    assembler,
    queue,
    outbox,
    unmatched: sources.visits.withoutGroup,
    problems: problems.latest,
  };
}

const imageStatus = ({ obsid, state, files }: ImageRow) => ({ obsid, state, files: files.length });

/** The figures of a status that are told as an event. */
export function resourcesOf({ assembler, disk, images, queue }: ArchiverStatus) {
  return {
    diskFreeBytes: disk.freeBytes,
    poolBytes: assembler?.poolBytes ?? null,
    poolBytesInUse: assembler?.poolBytesInUse ?? null,
    imagesUnderWay: images.underWay.length,
    imagesWaiting: images.waiting,
    jobsWaiting: queue?.waiting ?? null,
  };
}

/** A part that is away is no reason to say nothing of the others. */
async function orNull<T>(fact: Promise<T>): Promise<T | null> {
  return fact.catch(() => null);
}

/** Passes reports on, and remembers the last problems. */
export class RecentProblems implements ArchiveReport {
  private readonly kept: Problem[] = [];

  constructor(
    private readonly report: ArchiveReport,
    private readonly clock: Clock,
  ) {}

  get latest(): readonly Problem[] {
    return [...this.kept];
  }

  problem(error: ArchiverError, obsid: string): void {
    const { code, message } = error;
    this.kept.push({ time: isoFromTai(taiNow(this.clock)), code, message, obsid });
    if (this.kept.length > PROBLEMS) this.kept.shift();
    this.report.problem(error, obsid);
  }

  written(file: FileId, bytes: number, msAfterReadout: number): void {
    this.report.written(file, bytes, msAfterReadout);
  }
}
