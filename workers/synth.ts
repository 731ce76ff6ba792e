import { parentPort } from 'node:worker_threads';
import { runSynthJob, type SynthJob } from '../src/daq/emulator/synth/job.js';
import { asArchiverError } from '../src/model/errors.js';
import { loadNative } from '../src/native/binding.js';

/** Synthesises rows, one job at a time; answers each with its sum or with the error as data. */
const native = loadNative();

parentPort?.on('message', (job: SynthJob) => {
  try {
    parentPort?.postMessage({ id: job.id, crc32: runSynthJob(native, job) });
  } catch (error) {
    parentPort?.postMessage({ id: job.id, error: asArchiverError(error).toData() });
  }
});
