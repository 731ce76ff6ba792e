import type { ArchiverError } from '../model/errors.js';
import type { FileId } from '../model/ids.js';
import type { ArchiveServices } from './services.js';

/** Records for each of the files of one image why they will not come, and reports it once. The ledger ignores it for a file that is there. */
export async function recordFailure(
  files: readonly FileId[],
  error: ArchiverError,
  { ledger, report }: ArchiveServices,
): Promise<void> {
  for (const { obsid, raft, sensor, product } of files) {
    await ledger.recordFailure({ obsid, raft, sensor, product, error: error.toData() });
  }
  const [first] = files;
  if (first !== undefined) report.problem(error, first.obsid);
}
