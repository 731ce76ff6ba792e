import type { Command } from 'commander';
import { type Config, type ConfigInput, loadConfig } from '../config.js';
import { ArchiverError } from '../model/errors.js';

/** Flags that several verbs share. */
export interface CommonFlags {
  readonly config?: string;
  readonly camera?: string;
  readonly json?: boolean;
}

export function commonFlags(command: Command): Command {
  return command
    .option('--config <file>', 'settings in YAML or JSON; flags and CCARCHIVER_* variables win over it')
    .option('--camera <name>', 'comcam, lsstcam, latiss, or the path of a camera JSON file')
    .option('--json', 'NDJSON on stdout; the last record is the summary');
}

/** Settings of a verb: its own flags over environment, file and defaults. */
export function settings(flags: CommonFlags, own: ConfigInput): Config {
  const camera = flags.camera === undefined ? {} : { camera: flags.camera };
  return loadConfig({ flags: { ...own, ...camera }, file: flags.config });
}

/** @throws ArchiverError USAGE */
export function positiveInteger(command: string, flag: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value > 0) return value;
    throw new ArchiverError('USAGE', { command, problem: `${flag} takes a whole number above 0, not "${text}"` });
  };
}

/** Leaves out what was not given, so that it does not hide a setting of the file or the environment. */
export function given<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}
