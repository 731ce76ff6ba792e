import type { FinishTask, RewriteTask } from '../src/assemble/jobs.js';
import { rewriteFile } from '../src/assemble/rewrite.js';
import { errorsAsData } from '../src/model/task.js';
import { loadNative } from '../src/native/binding.js';

const native = loadNative();

/** Gathers one CCD's file from its compressed bands, or from another file of it, and writes it durably. */
export default errorsAsData(async (task: FinishTask | RewriteTask) =>
  'from' in task ? rewriteFile(native, task) : native.finish(task.handle, task.file),
);
