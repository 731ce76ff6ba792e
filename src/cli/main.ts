#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { ArchiverError, ERRORS } from '../model/errors.js';

/** Modules, threads and children of one archiver; an image takes some dozen more. */
const FILES_NEEDED = 256;

/** How many files this process may have open at once; undefined where the system does not say. */
function fileLimit(): number | undefined {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}

// Before the program is loaded: with too few files Node could not open its modules, and would end with an error of its own.
const limit = fileLimit();
if (limit !== undefined && limit < FILES_NEEDED) {
  const error = new ArchiverError('FILE_LIMIT', { actual: limit, needed: FILES_NEEDED });
  process.stderr.write(`ccarchiver: ${error.code}: ${error.message}\n`);
  process.exitCode = ERRORS.FILE_LIMIT.exit;
} else {
  await import('./program.js');
}
