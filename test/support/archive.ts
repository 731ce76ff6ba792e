import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Camera } from '../../src/camera/types.js';
import { type ArchiverOptions, composeArchiver } from '../../src/compose.js';
import { type ConfigInput, loadConfig } from '../../src/config.js';
import type { DaqAddress } from '../../src/daq/address.js';
import type { ArchiverError } from '../../src/model/errors.js';
import type { Archiver } from '../../src/pipeline/archiver.js';
import type { ImageResult } from '../../src/pipeline/intake.js';
import type { ImageRow } from '../../src/stage/port.js';
import { keptTempDir, tempDir } from './temp.js';

/** What one archiver did for a number of images. */
export interface Archived {
  readonly root: string;
  /** Rows as the ledger has them after everything was staged. */
  readonly rows: readonly ImageRow[];
  readonly refused: readonly ArchiverError[];
  readonly problems: readonly ArchiverError[];
  readonly latencies: readonly number[];
}

export interface ArchiveOptions extends Partial<ArchiverOptions> {
  /** host:port of a DAQ; or `daq` says where images come from. */
  readonly address?: string;
  readonly camera: Camera;
  readonly root?: string;
  readonly count?: number;
  readonly settings?: ConfigInput;
  /** Called when the archiver runs, before it has ended; for faults, and to have it end. */
  readonly meanwhile?: (archiver: Archiver, stop: () => void) => Promise<void>;
}

const cameraFiles = new Map<Camera, string>();
const cameraFolder = keptTempDir();
process.on('exit', cameraFolder.remove);

/** A camera as the JSON file that the program's processes load. */
export function cameraFile(camera: Camera): string {
  const path = cameraFiles.get(camera) ?? join(cameraFolder.path, `${cameraFiles.size}`, `${camera.name}.json`);
  cameraFiles.set(camera, path);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(camera));
  return path;
}

/**
 * Runs a whole archiver, child process, threads, ledger and hand-off included. A DAQ: until `count` images have ended and are staged. A capture: all of it.
 */
export async function archive(options: ArchiveOptions): Promise<Archived> {
  const root = options.root ?? tempDir();
  const stop = new AbortController();
  const results: ImageResult[] = [];
  const problems: ArchiverError[] = [];
  const latencies: number[] = [];
  const live = options.live ?? options.daq?.kind !== 'capture';
  const settings = { root, camera: cameraFile(options.camera), bandRows: 16 };
  const archiver = await composeArchiver(loadConfig({ flags: { ...settings, ...options.settings } }, {}), {
    daq: { kind: 'network', address: options.address ?? '' },
    stage: true,
    ends: true,
    ...options,
    live,
    report: {
      problem: (error) => problems.push(error),
      written: (_file, _bytes, ms) => latencies.push(ms),
    },
    onResult: (result) => {
      results.push(result);
      if (results.length === (options.count ?? 1)) stop.abort();
    },
  });
  try {
    await Promise.all([
      live ? archiver.intake.run(stop.signal) : archiver.intake.runOnce(new AbortController().signal),
      options.meanwhile?.(archiver, () => stop.abort()),
    ]);
    await archiver.drained();
    const view = archiver.ledger.view();
    const rows = await Promise.all(results.flatMap((r) => ('row' in r ? [view.image(r.row.obsid)] : [])));
    return {
      root,
      rows: rows.filter((row) => row !== undefined),
      refused: results.flatMap((r) => ('error' in r ? [r.error] : [])),
      problems,
      latencies,
    };
  } finally {
    await archiver.close();
  }
}

/** Captured images of a folder as the archiver's source. */
export function captureOf(folder: string, camera: Camera): DaqAddress {
  return { kind: 'capture', folder, camera: cameraFile(camera) };
}

/** Codes of what went wrong, each as often as it was reported, in the order of the alphabet. */
export function codes(problems: readonly ArchiverError[]): string[] {
  return problems.map(({ code }) => code).sort();
}

/** Files (no folders) below a folder, as sorted relative paths; empty when there is no such folder. */
export function filesBelow(folder: string): string[] {
  if (statSync(folder, { throwIfNoEntry: false }) === undefined) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}
