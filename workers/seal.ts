import { errorsAsData } from '../src/assemble/task.js';
import { sealFile } from '../src/stage/seal.js';

/** Reads a file back and digests it. */
export default errorsAsData(sealFile);
