import type { FinishTask } from '../src/assemble/jobs.js';
import { loadNative } from '../src/native/binding.js';
import type { WrittenFile } from '../src/native/contract.js';

const native = loadNative();

/** Gathers one CCD's file from its compressed bands and writes it durably. */
export default function finish(task: FinishTask): Promise<WrittenFile> {
  return native.finish(task.handle, task.file);
}
