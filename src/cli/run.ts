import { type Command, Option } from 'commander';
import { checkPromptProduct } from '../config.js';
import { type CommonFlags, commonFlags, given, positiveInteger, settings } from './options.js';
import { printImage, printSummary } from './output.js';
import { runSession } from './session.js';
import { supervise, tellServing } from './supervise.js';

interface RunFlags extends CommonFlags {
  readonly root?: string;
  readonly daq?: string;
  readonly header?: string;
  readonly threads?: number;
  readonly count?: number;
  readonly supervise?: boolean;
}

export function register(program: Command): void {
  commonFlags(program.command('run'))
    .description('archive every image that the DAQ takes, and stage it for OODS, DBB and prompt processing')
    .option('--root <folder>', 'data root (default: data)')
    .option('--daq <address>', 'DAQ as host:port or unix:/path (default: 127.0.0.1:9640)')
    .option('--header <where>', 'folder with header packages, or http://host:port of the header service')
    .option('--threads <n>', 'worker threads (default: 2)', positiveInteger('run', '--threads'))
    .option('--count <n>', 'end after this many images', positiveInteger('run', '--count'))
    .addOption(
      new Option('--supervise', 'run in a child process that is started again whenever it dies').conflicts('count'),
    )
    .addHelpText(
      'after',
      `
SIGINT and SIGTERM end it within 10 s with exit code 0; what is under way is finished by the next run. A second signal ends it at once.

Examples:
  ccarchiver daq serve --store store --all --port 9640
  ccarchiver run --daq 127.0.0.1:9640 --header headers/ --root /data/comcam
  ccarchiver run --supervise --root /data/comcam
  ccarchiver run --count 1 --json`,
    )
    .action(async (flags: RunFlags) => {
      const { root, daq, header, threads } = flags;
      const config = settings(flags, given({ root, daq, header, threads }));
      checkPromptProduct(config);
      if (flags.supervise === true) {
        process.exitCode = await supervise(process.argv.slice(2).filter((word) => word !== '--supervise'));
        return;
      }
      const json = flags.json === true;
      const result = await runSession({
        config,
        daq: { kind: 'network', address: config.daq },
        live: true,
        stage: true,
        web: true,
        count: flags.count,
        onServing: tellServing,
        onImage: (row) => printImage(row, json),
      });
      printSummary(result.summary, json);
      process.exitCode = result.exitCode;
    });
}
