import type { Command } from 'commander';
import { ArchiverClient } from '../client/archiver.js';
import type { ArchiverStatus } from '../pipeline/status.js';
import { type CommonFlags, commonFlags, settings } from './options.js';
import { printRecord } from './output.js';

export function register(program: Command): void {
  commonFlags(program.command('status'))
    .description('what the running archiver is doing, and what went wrong last')
    .addHelpText(
      'after',
      `
Asks the archiver at web.host and web.port (default: 127.0.0.1:9650). Exit code 0 while it archives, 4 while it cannot write.

Examples:
  ccarchiver status
  CCARCHIVER_WEB__PORT=9651 ccarchiver status --json`,
    )
    .action(async (flags: CommonFlags) => {
      const { host, port } = settings(flags, {}).web;
      const status = await new ArchiverClient(`http://${host === '::1' ? '[::1]' : host}:${port}`).status();
      if (flags.json === true) printRecord({ summary: true, ...status });
      else process.stdout.write(`${lines(status).join('\n')}\n`);
      process.exitCode = status.state === 'archiving' ? 0 : 4;
    });
}

function lines(status: ArchiverStatus): string[] {
  const {
    archiverName,
    version,
    camera,
    pid,
    since,
    hold,
    daq,
    images,
    disk,
    assembler,
    queue,
    outbox,
    unmatched,
    problems,
  } = status;
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0);
  const names = images.underWay.length === 0 ? '' : ` (${images.underWay.join(', ')})`;
  return [
    `${archiverName} ${version}, camera ${camera}, process ${pid}, since ${since} TAI`,
    `state      ${hold === null ? 'archiving' : `holding: ${hold.code}: ${hold.message}`}`,
    `daq        ${daq}`,
    `images     ${images.underWay.length} under way${names}, ${images.waiting} waiting in the DAQ`,
    ...images.latest.map(({ obsid, state, files }) => `           ${obsid}  ${state.padEnd(10)}  ${files} files`),
    `disk       ${megabytes(disk.freeBytes)} MB free below ${disk.path}, reserve ${megabytes(disk.reserveBytes)} MB`,
    `assembler  ${assembler === null ? 'is being replaced' : `${megabytes(assembler.poolBytesInUse)} of ${megabytes(assembler.poolBytes)} MB of the pixel pool`}`,
    `queue      ${queue === null ? 'away' : `${queue.waiting} waiting, ${queue.active} active, ${queue.failed} set aside`}`,
    `outbox     ${Object.entries(outbox)
      .map(([reader, waiting]) => `${waiting} for ${reader}`)
      .join(', ')}`,
    ...(unmatched.length === 0
      ? []
      : [`unmatched  ${unmatched.length} images without GROUPID, the last ${unmatched.at(-1)}`]),
    ...problems.map(({ time, code, message }) => `problem    ${time} ${code}: ${message}`),
  ];
}
