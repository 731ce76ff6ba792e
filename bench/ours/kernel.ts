import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileSpec } from '../../src/assemble/file-spec.js';
import { sourceLayout } from '../../src/camera/geometry.js';
import { readFits } from '../../src/fits/reader.js';
import type { Handle } from '../../src/native/contract.js';
import type { TrialSpec } from '../types.js';
import { archiver } from './assembly.js';
import { BAND_ROWS, fileJobs, type MemoryImage, openImage, openSession } from './memory.js';
import type { Work } from './work.js';

const POOL_BYTES = 2 ** 30;

/** unpack, crosstalk and Rice of one CCD by calls of the addon on this thread, on words that the memory DAQ lends. */
export async function kernel(spec: TrialSpec): Promise<Work> {
  const memory = await openImage(spec, 'ccd');
  const { native, daq, camera, image } = memory;
  const [source] = image.sources;
  if (source === undefined || daq.lend === undefined) throw new Error('the memory DAQ has nothing to lend');
  const { location, expectedBytes } = source;
  const layout = sourceLayout(camera, location, { corrected: true });
  const rowBytes = expectedBytes / layout.rows;
  const words = daq.lend({ tag: image.tag, location, offset: 0, length: expectedBytes });
  let handle: Handle | undefined;
  return {
    run: () => {
      if (handle !== undefined) native.drop(handle);
      handle = native.open({ layout, products: image.products, compression: 'rice' });
      for (let first = 0; first < layout.rows; first += BAND_ROWS) {
        const count = Math.min(BAND_ROWS, layout.rows - first);
        native.band(handle, { first, count }, words.subarray(first * rowBytes, (first + count) * rowBytes));
      }
      return undefined;
    },
    answer: async () => {
      const job = correctedJob(memory, spec);
      const { file } = fileSpec(job, camera, (cards) => native.sealHeader(cards));
      if (handle !== undefined) await native.finish(handle, file);
      writeTiles(spec, job.path);
    },
  };
}

/** The same bands through the assembler and one worker thread: what Node costs around the kernels. */
export async function node(spec: TrialSpec): Promise<Work> {
  const session = await openSession(spec, 'ccd', { threads: 1, poolBytes: POOL_BYTES });
  const { service, image } = session;
  const [source] = image.sources;
  return {
    run: async () => {
      const start = performance.now();
      await service.begin(image);
      await service.source(image.obsid, source?.location ?? '');
      const ms = performance.now() - start;
      await service.end(image.obsid);
      return { ms };
    },
    answer: async () => {
      await archiver(session, spec)();
      writeTiles(spec, correctedJob(session, spec).path);
      await service.close();
    },
  };
}

function correctedJob(memory: MemoryImage, spec: TrialSpec) {
  const job = fileJobs(memory, memory.image.sources[0]?.location ?? '', spec.out).at(-1);
  if (job === undefined) throw new Error('the exposure becomes no file');
  return job;
}

/** The tiles of the corrected product, segment by segment, as they stand in its file. */
function writeTiles(spec: TrialSpec, path: string): void {
  const fits = readFits(join(spec.out, path));
  const heaps = fits.hdus
    .filter(({ kind }) => kind === 'compressed-image')
    .map((hdu) => hdu.dataBytes(hdu.integer('NAXIS1') * hdu.integer('NAXIS2')));
  writeFileSync(join(spec.out, 'answer'), Buffer.concat(heaps));
  fits.close();
}
