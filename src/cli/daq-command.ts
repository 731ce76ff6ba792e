import type { Command } from 'commander';
import { ArchiverError } from '../model/errors.js';

/** The `daq` command, whose verbs register themselves below it. */
export function daqCommand(program: Command): Command {
  const known = program.commands.find((command) => command.name() === 'daq');
  return known ?? program.command('daq').description('the emulated data acquisition system');
}

/** A parser of decimal numbers within a range. @throws ArchiverError USAGE */
export function numberBetween(command: string, flag: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value >= least && value <= most) return value;
    throw new ArchiverError('USAGE', {
      command,
      problem: `${flag} takes a number from ${least} to ${most}, not "${text}"`,
    });
  };
}

/** Resolves when the process is asked to end. */
export function terminated(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}
