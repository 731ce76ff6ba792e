import { workerData } from 'node:worker_threads';
import { BandPuller } from '../src/assemble/band-puller.js';
import type { BandTask, BandThreadOptions } from '../src/assemble/jobs.js';
import { openDaq } from '../src/compose.js';
import { loadNative } from '../src/native/binding.js';

const { daq } = workerData as BandThreadOptions;
const native = loadNative();
const puller = new BandPuller(native, () => openDaq(daq, native.crc32));

/** Pulls bands and compresses them into the image's native source. */
export default (task: BandTask) => puller.pull(task);
