import { Command } from 'commander';
import { vi } from 'vitest';
import { ArchiverError, ERRORS } from '../../src/model/errors.js';

export interface VerbResult {
  /** Exit code that the command line would end with. */
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one verb of the command line within this process. An error of the table ends it as it ends the program: with one line and its code. */
export async function runVerb(register: (program: Command) => void, args: readonly string[]): Promise<VerbResult> {
  const output = { stdout: '', stderr: '' };
  const before = process.exitCode;
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      output[name] += String(text);
      return true;
    }),
  );
  process.exitCode = 0;
  try {
    const program = new Command('ccarchiver').exitOverride();
    register(program);
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof ArchiverError)) throw error;
    output.stderr += `ccarchiver: ${error.code}: ${error.message}\n`;
    process.exitCode = ERRORS[error.code].exit;
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  const exit = Number(process.exitCode);
  process.exitCode = before;
  return { exit, ...output };
}
