import { Command, CommanderError } from 'commander';
import { ArchiverError, asArchiverError, ERRORS } from '../model/errors.js';
import { packageVersion } from '../model/package.js';
import { VERBS } from './verbs.js';

/** The command line: one verb per file; an error is one line with its stable code, and the table's exit code. */
async function main(argv: readonly string[]): Promise<void> {
  await newProgram().parseAsync(argv);
}

function newProgram(): Command {
  const program = new Command('ccarchiver')
    .description(
      'Captures every image of a Rubin-style camera: DAQ words to durable FITS, staged for OODS, DBB and prompt processing.',
    )
    .version(packageVersion())
    .showHelpAfterError(false)
    .configureOutput({ outputError: () => undefined })
    .exitOverride();
  for (const register of VERBS) register(program);
  for (const command of allCommands(program)) command.exitOverride().configureOutput({ outputError: () => undefined });
  return program;
}

function allCommands(command: Command): Command[] {
  return command.commands.flatMap((sub) => [sub, ...allCommands(sub)]);
}

/** Help and version end by an exception too. What the parser refuses is wrong usage of the verb that it was given. */
function fromParser(thrown: unknown): unknown {
  if (!(thrown instanceof CommanderError)) return thrown;
  if (thrown.exitCode === 0) return undefined;
  if (thrown.code === 'commander.help') {
    process.exitCode = ERRORS.USAGE.exit;
    return undefined;
  }
  const problem = thrown.message.replace(/^error: /, '').replaceAll('\n', ' ');
  return new ArchiverError('USAGE', { problem, command: verbOf(process.argv.slice(2)) });
}

/** The verb that a command line names, e.g. "daq serve"; empty when it names none. */
function verbOf(words: readonly string[]): string {
  const [first = '', second = ''] = words;
  const program = newProgram();
  const verb = program.commands.find((command) => command.name() === first);
  const sub = verb?.commands.find((command) => command.name() === second);
  return [verb, sub].flatMap((command) => (command === undefined ? [] : [command.name()])).join(' ');
}

function report(thrown: unknown): void {
  const cause = fromParser(thrown);
  if (cause === undefined) return;
  const error = asArchiverError(cause);
  process.stderr.write(`ccarchiver: ${error.code}: ${error.message}\n`);
  if (error.code === 'INTERNAL' && error.cause instanceof Error) process.stderr.write(`${error.cause.stack}\n`);
  process.exitCode = ERRORS[error.code].exit;
}

// A reader that has seen enough (`| head`) is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

// A defect anywhere is told as one and has its exit code, by which a supervisor knows it.
process.on('uncaughtException', (error) => {
  report(error);
  process.exit();
});

main(process.argv).catch(report);
