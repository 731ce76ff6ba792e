import { join } from 'node:path';
import { loadCamera } from '../../../src/camera/load.js';
import type { Camera } from '../../../src/camera/types.js';
import { openDaq, openTargets } from '../../../src/compose.js';
import { type Config, loadConfig } from '../../../src/config.js';
import { Deliverer } from '../../../src/handoff/deliverer.js';
import { DurableFolders } from '../../../src/handoff/folders.js';
import type { StagingTarget } from '../../../src/handoff/port.js';
import { clearTemporary, PRIVATE_FOLDER } from '../../../src/handoff/publisher.js';
import { systemClock } from '../../../src/model/clock.js';
import type { ArchiverError } from '../../../src/model/errors.js';
import type { FileId } from '../../../src/model/ids.js';
import { loadNative } from '../../../src/native/binding.js';
import { archiveImage } from '../../../src/pipeline/archive.js';
import { inLanes } from '../../../src/pipeline/lanes.js';
import { Readout } from '../../../src/pipeline/readout.js';
import type { ArchiveServices } from '../../../src/pipeline/services.js';
import { StorageHold } from '../../../src/pipeline/storage-hold.js';
import { Turns } from '../../../src/pipeline/turns.js';
import { EmbeddedQueue } from '../../../src/stage/embedded-queue.js';
import { LedgerThread, SqliteLedger } from '../../../src/stage/ledger/client.js';
import type { FileRow, ImageRow } from '../../../src/stage/port.js';
import { rootDisk } from '../../../src/stage/root-disk.js';
import { lockRoot } from '../../../src/stage/root-lock.js';
import { Stager } from '../../../src/stage/stager.js';
import { DirectAssembler } from './assembler.js';

export interface LayerOptions {
  readonly root: string;
  /** Folder of captures. */
  readonly store: string;
  /** JSON file of the camera. */
  readonly camera: string;
  /** How targets get their files. */
  readonly mode: 'link' | 'copy';
  /** Where the ledger is, if not in the root. */
  readonly ledger?: string;
  /** Hears of each fact after the ledger has acknowledged it. */
  readonly acknowledged: (fact: Acknowledgement) => void;
  /** A writer that tells of a file before it is written: the negative control. */
  readonly tellsEarly?: boolean;
  readonly problem: (error: ArchiverError) => void;
}

/** `target` is undefined for the archive itself. */
export interface Acknowledgement {
  readonly file: FileId;
  readonly state: 'written' | 'sealed' | 'delivered';
  readonly target?: string;
}

interface Parts {
  readonly services: ArchiveServices;
  readonly stager: Stager;
  readonly closers: readonly (() => unknown)[];
}

/** What the service stores with, in this process: pipeline, native writer, ledger thread, queue, stager and targets, opened as the service opens them. */
export class StorageLayer {
  readonly ledger: SqliteLedger;
  readonly #parts: Parts;

  private constructor(ledger: SqliteLedger, parts: Parts) {
    this.ledger = ledger;
    this.#parts = parts;
  }

  static async open(options: LayerOptions): Promise<StorageLayer> {
    const { root } = options;
    const lock = await lockRoot(root);
    await clearTemporary(join(root, '.tmp'));
    await new DurableFolders(PRIVATE_FOLDER).make(join(root, 'quarantine'));
    const path = join(options.ledger ?? root, 'ledger.sqlite');
    const thread = await LedgerThread.start({ path, archiverName: 'chaos', clock: systemClock });
    const ledger = telling(new SqliteLedger(thread), options);
    const config = configOf(options);
    const daq = await openDaq({ kind: 'capture', folder: options.store, camera: options.camera });
    const camera = loadCamera(options.camera);
    const assembler = new DirectAssembler(loadNative(), camera, daq);
    const targets = await openTargets(config);
    const stager = stagerOf(options, { ledger, thread, assembler, targets });
    await stager.start();
    const storage = new StorageHold({
      disk: rootDisk(root),
      clock: systemClock,
      reserveBytes: 0,
      onChange: (error) => error !== undefined && options.problem(error),
    });
    const services = {
      ...servicesOf(options, config, camera),
      storage,
      clock: storage.timer,
      daq,
      ledger,
      assembler,
      stage: stager.add.bind(stager),
    };
    const targetsOf: ArchiveServices['targetsOf'] = (file) =>
      targets.filter((target) => target.accepts(file)).map(({ name }) => name);
    const closers = [
      () => storage.close(),
      () => stager.close(),
      () => assembler.close(),
      () => thread.close(),
      () => lock.release(),
    ];
    return new StorageLayer(ledger, { services: { ...services, targetsOf }, stager, closers });
  }

  /** Every image of the store, `most` at a time, then all that is to be staged. */
  async archiveAll(most: number): Promise<ImageRow[]> {
    const { services, stager } = this.#parts;
    const rows: ImageRow[] = [];
    await inLanes(await services.daq.list(), most, async ({ tag }) => {
      rows.push(await archiveImage(tag, new Readout(systemClock), services, new AbortController().signal));
    });
    await stager.drain();
    return rows;
  }

  async close(): Promise<void> {
    for (const close of this.#parts.closers) await close();
  }
}

function configOf({ root, camera, mode }: LayerOptions): Config {
  return loadConfig({ flags: { root, camera, oods: { mode }, dbb: { mode }, disk: { reserveMegabytes: 0 } } }, {});
}

function servicesOf(options: LayerOptions, config: Config, camera: Camera) {
  return {
    headers: undefined,
    camera,
    settings: { ...config, expect: 'image' as const, live: false, version: 'chaos' },
    suspects: new Turns(),
    report: { problem: options.problem, written: () => undefined },
  };
}

function stagerOf(
  options: LayerOptions,
  parts: {
    readonly ledger: SqliteLedger;
    readonly thread: LedgerThread;
    readonly assembler: DirectAssembler;
    readonly targets: readonly StagingTarget[];
  },
): Stager {
  const { root } = options;
  const deliverer = new Deliverer(root, parts.targets);
  return new Stager({
    ledger: parts.ledger,
    queue: new EmbeddedQueue(parts.thread),
    handlers: {
      seal: ({ path, sidecarPath, bytes }: FileRow) =>
        parts.assembler.seal({ path: join(root, path), sidecarPath: join(root, sidecarPath), bytes }),
      deliver: (target, row) => deliverer.deliver(target, row),
    },
    clock: systemClock,
    concurrency: 4,
    leaseMs: 60_000,
    attempts: Number.POSITIVE_INFINITY,
    report: options.problem,
  });
}

/** The ledger, with an observer who hears of each commit after it. The early one hears of a file before it is asked for. */
function telling(ledger: SqliteLedger, { acknowledged, tellsEarly = false }: LayerOptions): SqliteLedger {
  const written = ledger.recordWritten.bind(ledger);
  const sealed = ledger.recordSeal.bind(ledger);
  const delivered = ledger.recordDelivery.bind(ledger);
  const begin = ledger.beginImage.bind(ledger);
  ledger.beginImage = async (image) => {
    const entry = await begin(image);
    if (tellsEarly) {
      for (const file of image.expected) {
        acknowledged({ file: { obsid: image.obsid, ...file, version: 1 }, state: 'written' });
      }
    }
    return entry;
  };
  ledger.recordWritten = async (record) => {
    await written(record);
    acknowledged({ file: record.file, state: 'written' });
  };
  ledger.recordSeal = async (file, outcome) => {
    await sealed(file, outcome);
    if ('sha256' in outcome) acknowledged({ file, state: 'sealed' });
  };
  ledger.recordDelivery = async (file, delivery) => {
    await delivered(file, delivery);
    if (delivery.state === 'delivered') {
      acknowledged({ file, state: 'delivered', target: delivery.target });
    }
  };
  return ledger;
}
