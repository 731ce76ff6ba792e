import { mkdirSync, rmSync } from 'node:fs';
import type { FileJob, FinishedFile } from '../../src/assemble/port.js';
import { inLanes } from '../../src/pipeline/lanes.js';
import { FILES_AT_ONCE } from '../../src/pipeline/source.js';
import type { TrialSpec } from '../types.js';
import { fileJobs, openSession, type Session } from './memory.js';
import type { Work } from './work.js';

const GIB = 2 ** 30;
/** Of a whole focal plane, when the disk is slower than the bands are made. */
const FOCAL_PLANE_BYTES = 5.4e9;

/** Packed words to the file's image in memory: the write that the product does next is left out, by the times that it reports. */
export async function ccdMemory(spec: TrialSpec): Promise<Work> {
  const session = await openSession(spec, 'ccd', { threads: 1, poolBytes: GIB });
  const archive = archiver(session, spec);
  return {
    run: async () => {
      const { ms: total, computeMs, files } = await archive();
      const sum = (part: keyof FinishedFile['ms']) => files.reduce((ms, file) => ms + file.ms[part], 0);
      const [gatherMs, leftOutMs] = [sum('gather'), sum('write') + sum('sync')];
      const ms = total - leftOutMs;
      return { ms, figures: { computeMs, gatherMs, headersAndCallsMs: ms - computeMs - gatherMs, leftOutMs } };
    },
    close: () => session.service.close(),
  };
}

export async function raftDisk(spec: TrialSpec): Promise<Work> {
  return disk(spec, await openSession(spec, 'raft', { threads: 2, poolBytes: GIB }));
}

export async function focalPlane(spec: TrialSpec): Promise<Work> {
  return disk(spec, await openSession(spec, 'focal-plane', { threads: 2, poolBytes: FOCAL_PLANE_BYTES }));
}

function disk(spec: TrialSpec, session: Session): Work {
  const archive = archiver(session, spec);
  const { inputBytes } = session;
  const packedBytes = session.image.sources.reduce((sum, { expectedBytes }) => sum + expectedBytes, 0);
  return {
    run: async () => {
      const { ms, computeMs, files } = await archive();
      const fileBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
      return { ms, figures: { packedBytes, packedGBs: packedBytes / ms / 1e6, computeMs, fileBytes } };
    },
    result: () => ({ figures: { inputBytes } }),
    close: () => session.service.close(),
  };
}

/** What one image became: computeMs until its last band was compressed, ms until its last file was durable. */
interface Archived {
  readonly ms: number;
  readonly computeMs: number;
  readonly files: readonly FinishedFile[];
}

/** One image as the pipeline drives it: a REB's files as soon as its pixels are there, two at a time, then its pixels are freed. */
export function archiver(session: Session, spec: TrialSpec): () => Promise<Archived> {
  const { service, image } = session;
  const jobs = image.sources.map(({ location }) => ({ location, files: fileJobs(session, location, spec.out) }));
  return async () => {
    clear(spec.out);
    const start = performance.now();
    await service.begin(image);
    let computeMs = 0;
    const files = await Promise.all(
      jobs.map(async ({ location, files }) => {
        await service.source(image.obsid, location);
        computeMs = performance.now() - start;
        const finished = await finishAll(service, files);
        await service.release(image.obsid, location);
        return finished;
      }),
    );
    const ms = performance.now() - start;
    await service.end(image.obsid);
    return { ms, computeMs, files: files.flat() };
  };
}

/** @throws when a name was taken: nothing would have been written then */
export async function finishAll(service: Session['service'], files: readonly FileJob[]): Promise<FinishedFile[]> {
  const finished: FinishedFile[] = [];
  await inLanes(files, FILES_AT_ONCE, async (file) => {
    const one = await service.finish(file);
    if (one.outcome !== 'created') throw new Error(`${file.path} was there before`);
    finished.push(one);
  });
  return finished;
}

/** Leaves the folder empty, so that every file is a new one. */
export function clear(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
}
