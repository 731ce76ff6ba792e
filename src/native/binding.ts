import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ArchiverError } from '../model/errors.js';
import { packageRoot } from '../model/package.js';
import type { NativeCore } from './contract.js';

const require = createRequire(import.meta.url);

/**
 * The addon, build/ccarchiver.node: the only place that loads it. Cheap to call again, and safe in every thread: all threads of a process share its
 * pool and its handles.
 * @throws ArchiverError ADDON_MISSING when it was not built or does not fit this machine
 */
export function loadNative(): NativeCore {
  const path = join(packageRoot(), 'build', 'ccarchiver.node');
  try {
    return require(path) as NativeCore;
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new ArchiverError('ADDON_MISSING', { path, reason }, { cause: error });
  }
}
