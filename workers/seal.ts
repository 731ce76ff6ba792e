import type { SealTask } from '../src/assemble/jobs.js';
import { errorsAsData } from '../src/model/task.js';
import { loadNative } from '../src/native/binding.js';
import { sealFile } from '../src/stage/seal.js';

const native = loadNative();

/** Reads a file back, proves its sum and digests it. */
export default errorsAsData((task: SealTask) => sealFile(task, native.dataSum));
