import type { FinishTask } from '../src/assemble/jobs.js';
import { errorsAsData } from '../src/assemble/task.js';
import { loadNative } from '../src/native/binding.js';

const native = loadNative();

/** Gathers one CCD's file from its compressed bands and writes it durably. */
export default errorsAsData(async (task: FinishTask) => native.finish(task.handle, task.file));
