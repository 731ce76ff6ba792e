import { asArchiverError } from '../src/model/errors.js';
import type { Seal } from '../src/stage/port.js';
import { type SealJob, sealFile } from '../src/stage/seal.js';

/** Runs in a pool of worker threads; errors are thrown as data, since an Error loses its code on the way out of a thread. */
export default async function seal(job: SealJob): Promise<Seal> {
  try {
    return await sealFile(job);
  } catch (error) {
    throw asArchiverError(error).toData();
  }
}
