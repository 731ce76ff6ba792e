import type { ArchiverError } from '../model/errors.js';
import type { ImagePlan, SourcePlan } from './identify.js';
import type { ArchiveServices } from './services.js';

/** Records why the files of one source will not come. Files that are written already stay written. */
export async function recordSourceFailure(
  image: ImagePlan,
  source: SourcePlan,
  error: ArchiverError,
  { ledger, report }: ArchiveServices,
): Promise<void> {
  const obsid = image.obsid.text;
  report.problem(error, obsid);
  for (const { ccd, products } of source.ccds) {
    for (const product of products) {
      const failure = { obsid, raft: source.raft.bay, sensor: ccd.sensor, product, error: error.toData() };
      await ledger.recordFailure(failure);
    }
  }
}

/** The same for every source; the ledger ignores it where a file was written. */
export async function recordMissing(image: ImagePlan, error: ArchiverError, services: ArchiveServices): Promise<void> {
  for (const source of image.sources) await recordSourceFailure(image, source, error, services);
}
