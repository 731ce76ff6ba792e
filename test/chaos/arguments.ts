import { Command, InvalidArgumentError, Option } from 'commander';
import type { Size } from './case.js';

export interface Arguments {
  readonly size: Exclude<Size, 'test'>;
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

/** From `least` on. */
const wholeNumber = (least: number) => (text: string) => {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= least) return number;
  throw new InvalidArgumentError(`a whole number from ${least} on is needed.`);
};

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
    .option('--seed <n>', 'of the schedule of faults', wholeNumber(0), 1)
    .option('--units <n>', 'so many units of each case instead', wholeNumber(1))
    .option('--shard <i/n>', 'the i-th of n parts of a full run', shardOf)
    .option('--resume', 'go on after what data/chaos/results.ndjson holds')
    .option('--list', 'list the cases')
    .option('--json', 'NDJSON on stdout')
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
    .parse(argv, { from: 'user' });
  const { case: cases = [], units, shard = { index: 0, of: 1 }, ...flags } = command.opts();
  if (!flags.all && !flags.full && !flags.list && cases.length === 0)
    refuse('give --case NAME, --all, --full or --list');
  if (!flags.full && (flags.resume || shard.of > 1)) refuse('--shard and --resume are parts of a --full run');
  return {
    size: flags.full ? 'full' : 'all',
    cases,
    seed: flags.seed,
    ...(units === undefined ? {} : { units }),
    shard,
    resume: flags.resume === true,
    json: flags.json === true,
    list: flags.list === true,
  };
}

function refuse(problem: string): never {
  process.stderr.write(`error: ${problem}\n`);
  process.exit(2);
}
