import { existsSync } from 'node:fs';
import { describeUnless } from './not-run.js';
import { realFolder } from './real-folder.js';

/** Absolute path of a real file, e.g. realData('fits/TS8_20180724_RTM-010_S11.fits.gz'). Call it inside describeReal. */
export function realData(relative: string): string {
  return realFolder(relative);
}

/** Tests that read real data: skipped, and listed as not run, where any of the files is absent. */
export function describeReal(title: string, files: readonly string[], body: () => void): void {
  const absent = files.find((file) => !existsSync(realData(file)));
  describeUnless(absent === undefined ? undefined : `real data ${realData(absent)} not found`, title, body);
}
