import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FileJob, FinishedFile } from '../../src/assemble/port.js';
import { readFits } from '../../src/fits/reader.js';
import { loadNative } from '../../src/native/binding.js';
import type { TrialSpec } from '../types.js';
import { fileJobs, openSession, type Session } from './memory.js';
import { ccdInput, peakRssBytes, type Work } from './work.js';

const GIB = 2 ** 30;
const BAND_ROWS = 64;

/** unpack, crosstalk and Rice of one CCD by calls of the addon on this thread. */
export async function kernel(spec: TrialSpec): Promise<Work> {
  const { native, layout, packed } = await ccdInput(spec);
  const products = spec.variant === 'both' ? (['raw', 'corrected'] as const) : (['corrected'] as const);
  const rowBytes = packed.length / layout.rows;
  return {
    run: () => {
      const handle = native.open({ layout, products, compression: 'rice' });
      for (let first = 0; first < layout.rows; first += BAND_ROWS) {
        const count = Math.min(BAND_ROWS, layout.rows - first);
        native.band(handle, { first, count }, packed.subarray(first * rowBytes, (first + count) * rowBytes));
      }
      native.drop(handle);
      return undefined;
    },
    answer: async () => writeTiles(spec),
  };
}

/** The same bands through the assembler and one worker thread: what Node costs around the kernels. */
export async function node(spec: TrialSpec): Promise<Work> {
  const session = await openSession(spec, 'ccd', { threads: 1, poolBytes: GIB });
  const { service, image } = session;
  const [source] = image.sources;
  return {
    run: async () => {
      const start = performance.now();
      await service.begin(image);
      await service.source(image.obsid, source?.location ?? '');
      const taken = performance.now() - start;
      await service.end(image.obsid);
      return taken;
    },
    close: () => service.close(),
  };
}

/** Packed words to the file's image in memory: the write that the product does next is left out, by the times that it reports. */
export async function ccdMemory(spec: TrialSpec): Promise<Work> {
  const session = await openSession(spec, 'ccd', { threads: 1, poolBytes: GIB });
  const archive = await archiver(session, spec);
  let last = { ms: 0, pixelsMs: 0, gatherMs: 0 };
  return {
    run: async () => {
      const { ms, pixelsMs, files } = await archive();
      const written = (part: 'gather' | 'write' | 'sync') => files.reduce((sum, file) => sum + file.ms[part], 0);
      last = { ms: ms - written('write') - written('sync'), pixelsMs, gatherMs: written('gather') };
      return last.ms;
    },
    result: () => {
      const { ms, pixelsMs, gatherMs } = last;
      return { figures: { bandsMs: pixelsMs, gatherMs, headersAndCallsMs: ms - pixelsMs - gatherMs } };
    },
    close: () => session.service.close(),
  };
}

export async function raftDisk(spec: TrialSpec): Promise<Work> {
  return disk(spec, await openSession(spec, 'raft', { threads: 2, poolBytes: GIB }));
}

export async function focalPlane(spec: TrialSpec): Promise<Work> {
  return disk(spec, await openSession(spec, 'focal-plane', { threads: 2, poolBytes: 5.4e9 }));
}

async function disk(spec: TrialSpec, session: Session): Promise<Work> {
  const archive = await archiver(session, spec);
  const packedBytes = session.image.sources.reduce((sum, { expectedBytes }) => sum + expectedBytes, 0);
  let fileBytes = 0;
  return {
    run: async () => {
      const { ms, files } = await archive();
      fileBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
      return ms;
    },
    result: () => ({
      figures: {
        inputBytes: session.inputBytes,
        packedBytes,
        fileBytes,
        ownRssBytes: peakRssBytes() - session.inputBytes,
      },
    }),
    close: () => session.service.close(),
  };
}

/** One image as the pipeline drives it: a REB's files as soon as its pixels are there, one after the other. pixelsMs: until the last band. */
async function archiver(session: Session, spec: TrialSpec) {
  const { service, image } = session;
  const jobs = image.sources.map(({ location }) => ({ location, files: fileJobs(session, location, spec.out) }));
  return async () => {
    clear(spec.out);
    const start = performance.now();
    await service.begin(image);
    let pixelsMs = 0;
    const files = await Promise.all(
      jobs.map(async (job) => {
        await service.source(image.obsid, job.location);
        pixelsMs = performance.now() - start;
        return finishAll(service, job.files);
      }),
    );
    const ms = performance.now() - start;
    await service.end(image.obsid);
    return { ms, pixelsMs, files: files.flat() };
  };
}

async function finishAll(service: Session['service'], files: readonly FileJob[]): Promise<FinishedFile[]> {
  const finished: FinishedFile[] = [];
  for (const file of files) finished.push(await service.finish(file));
  return finished;
}

function clear(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
}

/** The tiles of the corrected product, segment by segment, taken from a file that is then thrown away. */
async function writeTiles(spec: TrialSpec): Promise<void> {
  const session = await openSession(spec, 'ccd', { threads: 1, poolBytes: GIB });
  await (await archiver(session, spec))();
  const job = fileJobs(session, session.image.sources[0]?.location ?? '', spec.out).at(-1);
  const fits = readFits(join(spec.out, job?.path ?? ''));
  const heaps = fits.hdus
    .filter(({ kind }) => kind === 'compressed-image')
    .map((hdu) => hdu.dataBytes(hdu.integer('NAXIS1') * hdu.integer('NAXIS2')));
  fits.close();
  writeFileSync(join(spec.out, 'answer'), Buffer.concat(heaps));
  await session.service.close();
}

/** Forces the instruction set before anything is measured. */
export function forceCpu(spec: TrialSpec): void {
  if (spec.cpu !== null && !loadNative().forceCpu(spec.cpu)) throw new Error(`this machine cannot run ${spec.cpu}`);
}
