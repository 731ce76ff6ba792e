import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { packageRoot } from '../../src/model/package.js';
import { describeUnless } from './not-run.js';

/** Where copies of public camera files are looked for; none of them is part of the project. */
const folder = resolve(packageRoot(), process.env.CCARCHIVER_REAL_DATA ?? '../shared/real');

/** Absolute path of a real file, e.g. realData('fits/TS8_20180724_RTM-010_S11.fits.gz'). Call it inside describeReal. */
export function realData(relative: string): string {
  return join(folder, relative);
}

/** Tests that read real data: skipped, and listed as not run, where any of the files is absent. */
export function describeReal(title: string, files: readonly string[], body: () => void): void {
  const absent = files.find((file) => !existsSync(realData(file)));
  describeUnless(absent === undefined ? undefined : `real data ${realData(absent)} not found`, title, body);
}
