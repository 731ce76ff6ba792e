import { Command, InvalidArgumentError, Option } from 'commander';
import type { Size } from './case.js';

export interface Arguments {
  readonly size: Size;
  /** Names of cases; empty for all. */
  readonly cases: readonly string[];
  readonly seed: number;
  /** Instead of the counts of the size. */
  readonly units?: number;
  readonly shard: { readonly index: number; readonly of: number };
  readonly resume: boolean;
  readonly json: boolean;
  readonly list: boolean;
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) throw new InvalidArgumentError('a whole number is needed.');
  return number;
}

function shardOf(text: string): Arguments['shard'] {
  const [, index, of] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  const shard = { index: Number(index) - 1, of: Number(of) };
  if (!(shard.index >= 0 && shard.index < shard.of)) throw new InvalidArgumentError('i/n with 1 <= i <= n is needed.');
  return shard;
}

/** Ends the process with exit code 2 and one line when the arguments make no sense. */
export function readArguments(argv: readonly string[]): Arguments {
  const command = new Command('npm run chaos --')
    .description('Breaks what can break and shows that nothing acknowledged is lost. docs/chaos.md explains the cases.')
    .option('--case <name...>', 'run these cases')
    .option('--all', 'run every case with reduced counts')
    .addOption(
      new Option('--full', 'run with the counts of the promise, into data/chaos/results.ndjson').conflicts('all'),
    )
    .option('--test', 'the counts of `npm test`')
    .option('--seed <n>', 'of the schedule of faults', wholeNumber, 1)
    .option('--units <n>', 'so many units of each case instead', wholeNumber)
    .option('--shard <i/n>', 'the i-th of n parts of a full run', shardOf)
    .option('--resume', 'go on after what data/chaos/results.ndjson holds')
    .option('--list', 'list the cases')
    .option('--json', 'NDJSON on stdout')
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
    .parse(argv, { from: 'user' });
  const { case: cases = [], units, shard = { index: 0, of: 1 }, ...flags } = command.opts();
  if (!flags.all && !flags.full && !flags.test && !flags.list && cases.length === 0) {
    process.stderr.write('error: give --case NAME, --all, --full or --list\n');
    process.exit(2);
  }
  return {
    size: flags.full ? 'full' : flags.test ? 'test' : 'all',
    cases,
    seed: flags.seed,
    ...(units === undefined ? {} : { units }),
    shard,
    resume: flags.resume === true,
    json: flags.json === true,
    list: flags.list === true,
  };
}
