import { resolve } from 'node:path';
import { packageRoot } from '../../src/model/package.js';

/** Absolute path below the folder in which copies of public camera files are looked for; none of them is part of the project. */
export function realFolder(relative: string): string {
  return resolve(packageRoot(), process.env.CCARCHIVER_REAL_DATA ?? '../shared/real', relative);
}
