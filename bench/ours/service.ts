import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { headerPackageYaml } from '../../fixtures/header-package.js';
import { allCcds } from '../../src/camera/geometry.js';
import { loadCamera } from '../../src/camera/load.js';
import { startDaq } from '../../src/cli/process.js';
import { composeArchiver } from '../../src/compose.js';
import { loadConfig } from '../../src/config.js';
import type { DaqNotice, DaqSource } from '../../src/daq/port.js';
import { systemClock } from '../../src/model/clock.js';
import { isoFromTai, taiFromIso, taiNow } from '../../src/model/time.js';
import type { Archiver } from '../../src/pipeline/archiver.js';
import { paths } from '../inputs.js';
import type { TrialSpec } from '../types.js';
import { type Milestones, taiMs } from './milestones.js';

const CAMERA = 'comcam';
const EXPOSURE_SECONDS = 0.5;
/** Below the data root. */
const PRODUCT_FOLDERS = { raw: 'archive', corrected: 'corrected' } as const;
/** Event of a file's arrival, and the stage that it ends. */
export const ARRIVALS: Readonly<Record<string, string>> = {
  imageInOODS: 'in OODS',
  imageArchived: 'at the Data Backbone',
  imageForwarded: 'notified',
};

/** Raw files of one image. */
export function filesOfImage(): number {
  return allCcds(loadCamera(CAMERA)).length;
}

/** The DAQ emulator as another process: so many full-size exposures, read out in real time, one every so many seconds. */
export function startCamera(spec: TrialSpec, { count, interval }: { count: number; interval: number }) {
  const serve = ['--interval', String(interval), '--exposure', String(EXPOSURE_SECONDS)];
  const store = ['--store', paths.store(spec.inputs, 'raft'), '--repeat', '--count', String(count)];
  return startDaq([...store, '--port', '0', '--pace', 'realtime', ...serve]);
}

/** Folder in which `follow` leaves header packages. */
export function headerFolder(spec: TrialSpec): string {
  const folder = join(spec.out, 'headers');
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Leaves the files as the contenders of other cases do. */
export function answerOf(spec: TrialSpec): void {
  for (const product of ['raw', 'corrected'] as const) {
    renameSync(join(spec.out, 'root', PRODUCT_FOLDERS[product]), join(spec.out, product));
  }
  rmSync(join(spec.out, 'root'), { recursive: true });
}

/** The service as `run` composes it, with its child process, ledger, targets and events. */
export async function openArchiver(
  spec: TrialSpec,
  address: string,
  headers: string,
  milestones: Milestones,
): Promise<Archiver> {
  const root = join(spec.out, 'root');
  const config = loadConfig({ flags: { root, camera: CAMERA, header: headers, daq: address } });
  const archiver = await composeArchiver(config, {
    daq: { kind: 'network', address },
    live: true,
    stage: true,
    report: {
      problem: (error) => process.stderr.write(`${spec.case}: ${error.code}: ${error.message}\n`),
      written: (file) => milestones.reach(file.obsid, file.product === 'raw' ? 'archived' : 'corrected recorded'),
    },
    onResult: () => undefined,
  });
  observe(archiver, milestones);
  return archiver;
}

/** Notes when the calls of the assembler resolve and when events come, without changing either. */
function observe({ assembler, events }: Archiver, milestones: Milestones): void {
  const { source, finish, seal } = assembler;
  assembler.source = async (obsid, location) => {
    const pixels = await source.call(assembler, obsid, location);
    milestones.reach(obsid, 'pixels complete');
    return pixels;
  };
  assembler.finish = async (job) => {
    const finished = await finish.call(assembler, job);
    milestones.reach(job.file.obsid, `${job.file.product} durable`);
    return finished;
  };
  assembler.seal = async (task) => {
    const sealed = await seal.call(assembler, task);
    milestones.reach(/[A-Z]{2}_[A-Z]_\d{8}_\d{6}/.exec(task.path)?.[0] ?? '', 'sealed');
    return sealed;
  };
  events.subscribe((event) => {
    const stage = ARRIVALS[event.type];
    if (stage !== undefined && 'obsid' in event) milestones.reach(event.obsid, stage);
  });
}

export interface Follower {
  readonly daq: DaqSource;
  readonly headers: string;
  readonly milestones: Milestones;
  readonly delayMs: number;
}

/** Listens to the camera as the header service does: notes each end of readout and of telemetry, and gives the header package so long after the readout. */
export async function follow(follower: Follower, signal: AbortSignal): Promise<void> {
  const packages = new Map<string, string>();
  try {
    for await (const notice of follower.daq.watch({ signal })) heard(follower, packages, notice);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function heard({ headers, milestones, delayMs }: Follower, packages: Map<string, string>, notice: DaqNotice): void {
  if (notice.type === 'image') packages.set(notice.image.name, packageText(notice.image.name));
  if (notice.type !== 'event') return;
  const { type, imageName, time } = notice.event;
  if (type === 'endOfImageTelemetry') milestones.reach(imageName, 'telemetry given', taiMs(taiFromIso(time)));
  if (type !== 'endReadout') return;
  milestones.end(imageName, taiMs(taiFromIso(time)));
  const text = packages.get(imageName) ?? packageText(imageName);
  setTimeout(() => {
    const path = join(headers, imageName);
    writeFileSync(`${path}.part`, text);
    renameSync(`${path}.part`, `${path}.yaml`);
    milestones.reach(imageName, 'header given');
  }, delayMs);
}

function packageText(obsid: string): string {
  const startIntegration = isoFromTai(taiNow(systemClock));
  return headerPackageYaml({ camera: loadCamera(CAMERA), obsid, startIntegration, exposureTime: EXPOSURE_SECONDS });
}
