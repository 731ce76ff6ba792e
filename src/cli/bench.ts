import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { ArchiverError } from '../model/errors.js';
import { distFile } from '../model/package.js';

/** The benchmark is a program of its own, beside the product: it knows its flags, prints its help and sets the exit code. */
export function register(program: Command): void {
  program
    .command('bench')
    .description(
      'measure this machine: kernels, files, readout to archive, beside cfitsio, numpy+astropy and the floors',
    )
    .argument('[flags...]')
    .allowUnknownOption()
    .helpOption(false)
    .action(async (_flags, _options, command: Command) => {
      process.exitCode = await runBench(command.args);
    });
}

async function runBench(args: readonly string[]): Promise<number> {
  const main = distFile('bench/main.js');
  if (!existsSync(main)) throw new ArchiverError('FILE_MISSING', { path: main });
  const child = spawn(process.execPath, [main, ...args], { stdio: 'inherit' });
  // It cleans its folder when it is interrupted, and must not be left alone meanwhile.
  const forward = (signal: NodeJS.Signals) => child.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, forward);
  const [code] = (await once(child, 'exit')) as [number | null];
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, forward);
  return code ?? 1;
}
