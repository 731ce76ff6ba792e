import { allRebs } from '../../../camera/geometry.js';
import type { Camera } from '../../../camera/types.js';
import { ArchiverError } from '../../../model/errors.js';
import { parseObsId } from '../../../model/ids.js';
import { loadNative } from '../../../native/binding.js';
import { CaptureWriter } from '../../capture/writer.js';
import { describeSynthetic } from './description.js';
import type { SynthJob } from './job.js';
import { SynthPool } from './pool.js';
import { type Sky, sourceScene } from './scene.js';

export interface SynthOptions {
  /** Folder of the captures; made when it is not there. */
  readonly store: string;
  readonly camera: Camera;
  /** Name of the first image; the others have the next sequence numbers. */
  readonly obsid: string;
  readonly images: number;
  readonly sky: Sky;
  readonly threads: number;
  readonly onProgress: (done: number, of: number) => void;
}

/** Rows of one job: 8 MB of a ComCam REB. */
const JOB_ROWS = 128;

/**
 * Fills a store with synthetic exposures of the whole camera: the same seed gives the same bytes. @returns their names.
 * @throws IMAGE_NAME_INVALID, FOLDER_UNWRITABLE, DISK_FULL
 */
export async function synthesize(options: SynthOptions): Promise<string[]> {
  const names = imageNames(options.obsid, options.images);
  const pool = new SynthPool(options.threads);
  try {
    for (const [index, name] of names.entries()) await synthesizeImage(options, pool, index, name);
  } finally {
    await pool.close();
  }
  return names;
}

async function synthesizeImage(options: SynthOptions, pool: SynthPool, index: number, obsid: string): Promise<void> {
  const { camera, images: count } = options;
  const locations = allRebs(camera).map(({ reb }) => reb.location);
  const description = describeSynthetic({ camera, obsid, locations, index, count });
  const writer = new CaptureWriter(options.store, camera, obsid);
  try {
    const jobs = await planJobs(options, writer, index, locations);
    let done = index * jobs.length;
    const sums = await pool.run(jobs, () => options.onProgress(++done, count * jobs.length));
    const bySource = combineSums(jobs, sums);
    const sources = description.sources.map((source) => ({
      ...source,
      bytes: source.expectedBytes,
      crc32: bySource.get(source.location) ?? 0,
    }));
    await writer.publish({ ...description, camera: camera.name, sources });
  } finally {
    await writer.discard();
  }
}

interface LocatedJob extends SynthJob {
  readonly location: string;
}

async function planJobs(
  options: SynthOptions,
  writer: CaptureWriter,
  index: number,
  locations: readonly string[],
): Promise<LocatedJob[]> {
  const jobs: LocatedJob[] = [];
  for (const location of locations) {
    const { layout, scene } = sourceScene(options.camera, location, index, options.sky);
    const path = await writer.stream(location);
    for (let first = 0; first < layout.rows; first += JOB_ROWS) {
      const rows = { first, count: Math.min(JOB_ROWS, layout.rows - first) };
      jobs.push({ id: jobs.length, location, path, layout, scene, rows });
    }
  }
  return jobs;
}

/** CRC-32 of each source from those of its jobs, which are in order of their rows. */
function combineSums(jobs: readonly LocatedJob[], sums: readonly number[]): Map<string, number> {
  const native = loadNative();
  const bySource = new Map<string, number>();
  for (const { id, location, layout, rows } of jobs) {
    const bytes = rows.count * layout.columns * layout.groups * 36;
    bySource.set(location, native.crc32Combine(bySource.get(location) ?? 0, sums[id] ?? 0, bytes));
  }
  return bySource;
}

function imageNames(first: string, count: number): string[] {
  const { text, seqnum } = parseObsId(first);
  if (seqnum + count - 1 > 999_999) {
    throw new ArchiverError('IMAGE_NAME_INVALID', { name: `${text} and the ${count - 1} after it` });
  }
  return Array.from({ length: count }, (_, i) => `${text.slice(0, -6)}${String(seqnum + i).padStart(6, '0')}`);
}
