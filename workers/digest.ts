import type { DigestTask } from '../src/handoff/digester.js';
import { digestFile } from '../src/model/digest.js';
import { errorsAsData } from '../src/model/task.js';

/** Reads a file once and gives its digests. */
export default errorsAsData(({ path, names, bytes }: DigestTask) => digestFile(path, names, bytes));
