import { join } from 'node:path';
import type { Assembler } from './assemble/port.js';
import type { Camera } from './camera/types.js';
import { openDaq, openHeaders, openQueue, openTargets } from './compose/adapters.js';
import type { Announcer } from './compose/announcer.js';
import type { Config } from './config.js';
import type { DaqAddress } from './daq/address.js';
import type { StagingTarget } from './handoff/port.js';
import type { HeaderSource } from './header/port.js';
import { systemClock, type Timer } from './model/clock.js';
import { closeAll } from './model/closing.js';
import { type ArchiverError, asArchiverError } from './model/errors.js';
import { packageVersion } from './model/package.js';
import { Rounds } from './model/rounds.js';
import type { Archiver } from './pipeline/archiver.js';
import type { ImageResult } from './pipeline/intake.js';
import type { ArchiveReport, ArchiveServices } from './pipeline/services.js';
import type { RecentProblems } from './pipeline/status.js';
import type { StorageHold } from './pipeline/storage-hold.js';
import type { LedgerThread, SqliteLedger } from './stage/ledger/client.js';
import type { Stager } from './stage/stager.js';

/** Jobs under way at once, and how long one may take before it is given out again. */
const STAGER_LIMITS = { concurrency: 8, leaseMs: 60_000 } as const;
/** Tries of a delivery by a run that ends; with their waits they take 3 seconds. */
const ATTEMPTS_IN_ALL = 6;
const MINUTE_MS = 60_000;

export { openDaq, openHeaders, openTargets, openWeb } from './compose/adapters.js';

export interface ArchiverOptions {
  readonly daq: DaqAddress;
  /** Images and their facts still come (a DAQ), or all there will be is there (a capture). */
  readonly live: boolean;
  /** Hand files to the targets, or archive only. */
  readonly stage: boolean;
  /** It ends by itself, so a delivery that keeps failing is set aside. Default: a service, which tries for ever. */
  readonly ends?: boolean;
  readonly report: ArchiveReport;
  readonly onResult: (result: ImageResult) => void;
  /** Take no more than this many images; default all. */
  readonly count?: number | undefined;
  /** Of the deadlines and the waiting for header packages; default the system's. */
  readonly clock?: Timer;
}

/** A whole archiver on its data root. @throws ArchiverError ROOT_LOCKED, FOLDER_UNWRITABLE, LEDGER_INVALID, CAMERA_* ... */
export async function composeArchiver(config: Config, options: ArchiverOptions): Promise<Archiver> {
  const { RecentProblems } = await import('./pipeline/status.js');
  const problems = new RecentProblems(options.report, systemClock);
  const composer = new Composer(config, { ...options, report: problems }, problems);
  try {
    return await composer.compose();
  } catch (error) {
    await composer.close();
    throw error;
  }
}

/** Opens the parts in the order in which they need each other, and closes them in the opposite one. */
class Composer {
  private readonly closers: (() => unknown)[] = [];

  constructor(
    private readonly config: Config,
    private readonly options: ArchiverOptions,
    private readonly problems: RecentProblems,
  ) {}

  async compose(): Promise<Archiver> {
    const { loadCamera } = await import('./camera/load.js');
    const camera = loadCamera(this.config.camera); // a wrong name ends here, or a folder that is not there, before anything is made or started
    const headers = await this.openHeaders();
    await this.openRoot();
    const { thread, ledger } = await this.openLedger();
    const announcer = await this.openAnnouncer(thread, ledger, camera);
    const storage = await this.openStorage(announcer.tell.error);
    const assembler = await this.openAssembler();
    const staging = await this.openStaging(thread, ledger, assembler);
    const { intake, services } = await this.openIntake({ camera, headers, ledger, assembler, storage }, staging);
    const { newStatus, resourcesOf } = await import('./compose/storage.js');
    const { visits } = announcer;
    const parts = { intake, ledger, storage, assembler, queue: staging.queue, visits, problems: this.problems };
    const status = newStatus(this.config, parts);
    if (this.options.live) this.everyMinute(async () => announcer.tell.resources(resourcesOf(await status())));
    if (this.options.live && this.options.ends !== true) await this.startScrub(ledger, announcer.tell.damage);
    return {
      intake,
      status,
      presence: announcer.presence,
      visits,
      remake: async (row) => (await import('./pipeline/restore.js')).remakeFile(row, services),
      ledger,
      events: announcer.events,
      feed: announcer.feed,
      assembler,
      targets: staging.targets.map(({ name }) => name),
      drained: async (signal) => {
        await staging.stager.drain(signal);
        await announcer.drained();
      },
      close: () => this.close(),
    };
  }

  async close(): Promise<void> {
    await closeAll(this.closers.splice(0).reverse());
  }

  /**
   * The root is ours alone from here on, so what a process that died left in .tmp may go. Files that cannot have their name are set aside
   * below the root: that folder must be there before the first of them.
   */
  private async openRoot(): Promise<void> {
    const { lockRoot } = await import('./stage/root-lock.js');
    const { DurableFolders } = await import('./handoff/folders.js');
    const { clearTemporary, PRIVATE_FOLDER } = await import('./handoff/publisher.js');
    const lock = await lockRoot(this.config.root);
    this.closers.push(() => lock.release());
    await clearTemporary(join(this.config.root, '.tmp'));
    await new DurableFolders(PRIVATE_FOLDER).make(join(this.config.root, 'quarantine'));
  }

  private async openLedger() {
    const { LedgerThread, SqliteLedger } = await import('./stage/ledger/client.js');
    const path = join(this.config.root, 'ledger.sqlite');
    const { archiverName, ledger } = this.config;
    const options = { path, archiverName, metadataKept: ledger.metadataKept };
    const thread = await LedgerThread.start({ ...options, clock: systemClock });
    this.closers.push(() => thread.close());
    return { thread, ledger: new SqliteLedger(thread) };
  }

  private async openAnnouncer(thread: LedgerThread, ledger: SqliteLedger, camera: Camera) {
    const { newAnnouncer } = await import('./compose/announcer.js');
    const report = (error: unknown) => this.options.report.problem(asArchiverError(error), '');
    const announcer = await newAnnouncer(this.config, { thread, ledger, camera, report });
    this.closers.push(() => announcer.close());
    return announcer;
  }

  private async openStorage(tell: (error: ArchiverError | undefined) => void): Promise<StorageHold> {
    const { newStorageHold } = await import('./compose/storage.js');
    const { report, clock } = this.options;
    const storage = newStorageHold(this.config, clock ?? systemClock, (error) => {
      tell(error);
      if (error !== undefined) report.problem(error, '');
    });
    this.closers.push(() => storage.close());
    return storage;
  }

  private async openAssembler(): Promise<Assembler> {
    const { SupervisedAssembler } = await import('./assemble/supervisor.js');
    const { camera, threads, bandRows, pool, watchdog } = this.config;
    const poolBytes = pool.megabytes * 1e6;
    const settings = { daq: this.options.daq, camera, threads, bandRows, poolBytes };
    const onExit = (error: ArchiverError) => this.options.report.problem(error, '');
    const spare = this.options.ends !== true; // a run that ends is not worth the memory
    const assembler = await SupervisedAssembler.start(settings, { watchdog, spare, onExit });
    this.closers.push(() => assembler.close());
    return assembler;
  }

  private async openStaging(thread: LedgerThread, ledger: SqliteLedger, assembler: Assembler) {
    const { Stager } = await import('./stage/stager.js');
    const { Deliverer } = await import('./handoff/deliverer.js');
    const targets = this.options.stage ? await openTargets(this.config) : [];
    this.closers.push(() => closeAll(targets.map((target) => () => target.close())));
    const { root } = this.config;
    const deliverer = new Deliverer(root, targets);
    let reconcile = () => {};
    const report = (error: unknown) => this.options.report.problem(asArchiverError(error), '');
    const queue = await openQueue(this.config, thread, { lost: report, ready: () => reconcile() });
    this.closers.push(() => queue.close());
    const stager = new Stager({
      ledger,
      queue,
      handlers: {
        seal: ({ path, sidecarPath, bytes }) =>
          assembler.seal({ path: join(root, path), sidecarPath: join(root, sidecarPath), bytes }),
        deliver: (target, row) => deliverer.deliver(target, row),
      },
      clock: systemClock,
      ...STAGER_LIMITS,
      attempts: this.options.ends === true ? ATTEMPTS_IN_ALL : Number.POSITIVE_INFINITY,
      report: (error, job) => this.options.report.problem(error, job?.file.obsid ?? ''),
    });
    reconcile = () => void stager.reconcile().catch(report);
    await stager.start();
    this.closers.push(() => stager.close());
    if (targets.length > 0) await this.keepSwept(ledger, targets);
    return { stager, queue, targets };
  }

  private async keepSwept(ledger: SqliteLedger, targets: readonly StagingTarget[]): Promise<void> {
    const { newSweeps } = await import('./compose/sweeps.js');
    const tell = (error: ArchiverError) => this.options.report.problem(error, '');
    for (const sweep of newSweeps(this.config, ledger.view(), targets, tell)) this.everyMinute(sweep);
  }

  private async startScrub(ledger: SqliteLedger, tell: Announcer['tell']['damage']): Promise<void> {
    const { newScrub } = await import('./compose/scrub.js');
    const scrub = newScrub(this.config, ledger, { tell, report: this.options.report });
    this.closers.push(() => scrub?.close());
  }

  /** Now and again a minute after it was done, until the end, which waits for the work. */
  private everyMinute(round: (signal: AbortSignal) => Promise<unknown>): void {
    const report = (error: unknown) => this.options.report.problem(asArchiverError(error), '');
    const rounds = new Rounds({ clock: systemClock, restMs: MINUTE_MS, round, report });
    this.closers.push(() => rounds.close());
  }

  private async openHeaders(): Promise<HeaderSource | undefined> {
    const { live, clock: timer = systemClock } = this.options;
    const headers = await openHeaders(this.config.header, { timer, isComplete: !live });
    this.closers.push(() => headers?.close());
    return headers;
  }

  private async openIntake(
    parts: {
      readonly camera: Camera;
      readonly headers: HeaderSource | undefined;
      readonly ledger: SqliteLedger;
      readonly assembler: Assembler;
      readonly storage: StorageHold;
    },
    { stager, targets }: { stager: Stager; targets: readonly StagingTarget[] },
  ) {
    const { Intake } = await import('./pipeline/intake.js');
    const { Turns } = await import('./pipeline/turns.js');
    const { config, options } = this;
    const daq = await openDaq(options.daq);
    this.closers.push(() => daq.close());
    const services: ArchiveServices = {
      ...parts,
      daq,
      clock: parts.storage.timer,
      settings: { ...config, live: options.live, version: packageVersion() },
      suspects: new Turns(),
      stage: (jobs) => stager.add(jobs),
      targetsOf: (file) => targets.filter((target) => target.accepts(file)).map(({ name }) => name),
      report: options.report,
    };
    await this.openLateHeaders(services);
    const { daqFolder: folder, imagesInFlight } = config;
    const intake = new Intake(services, { folder, imagesInFlight, count: options.count, onResult: options.onResult });
    return { intake, services };
  }

  /** A capture holds all packages that there will ever be. */
  private async openLateHeaders(services: ArchiveServices): Promise<void> {
    const { images, everySeconds } = this.config.lateHeaders;
    const { headers } = services;
    if (!this.options.live || headers === undefined || images === 0) return;
    const { LateHeaders } = await import('./pipeline/late-headers.js');
    const late = new LateHeaders(services, { headers, images, everySeconds });
    this.closers.push(() => late.close());
  }
}
