import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Camera } from '../../src/camera/types.js';
import { type ArchiverOptions, composeArchiver } from '../../src/compose.js';
import { type ConfigInput, loadConfig } from '../../src/config.js';
import type { ArchiverError } from '../../src/model/errors.js';
import type { Archiver } from '../../src/pipeline/archiver.js';
import type { ImageResult } from '../../src/pipeline/intake.js';
import type { ImageRow } from '../../src/stage/port.js';
import { tempDir } from './temp.js';

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
  /** host:port of the DAQ. */
  readonly address: string;
  readonly camera: Camera;
  readonly root?: string;
  readonly count?: number;
  readonly settings?: ConfigInput;
  /** Called when the archiver runs, before it has ended; for faults. */
  readonly meanwhile?: (archiver: Archiver) => Promise<void>;
}

/** A camera as the JSON file that the program's processes load. */
export function cameraFile(camera: Camera): string {
  const path = join(tempDir(), `${camera.name}.json`);
  writeFileSync(path, JSON.stringify(camera));
  return path;
}

/** Runs a whole archiver, child process, threads, ledger and hand-off included, until `count` images have ended and are staged. */
export async function archive(options: ArchiveOptions): Promise<Archived> {
  const root = options.root ?? tempDir();
  const stop = new AbortController();
  const results: ImageResult[] = [];
  const problems: ArchiverError[] = [];
  const latencies: number[] = [];
  const settings = { root, camera: cameraFile(options.camera), bandRows: 16, logLevel: 'silent' as const };
  const archiver = await composeArchiver(loadConfig({ flags: { ...settings, ...options.settings } }), {
    daq: { kind: 'network', address: options.address },
    live: true,
    stage: true,
    ...options,
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
    await Promise.all([archiver.intake.run(stop.signal), options.meanwhile?.(archiver)]);
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
