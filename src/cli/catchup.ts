import type { Command } from 'commander';
import { checkPromptProduct } from '../config.js';
import type { Reconciliation } from '../pipeline/reconcile.js';
import { type CommonFlags, commonFlags, given, settings } from './options.js';
import { printImage, printRecord, printSummary } from './output.js';
import { runSession } from './session.js';

interface CatchupFlags extends CommonFlags {
  readonly root?: string;
  readonly daq?: string;
  readonly header?: string;
}

export function register(program: Command): void {
  commonFlags(program.command('catchup'))
    .description('archive what the DAQ has and the ledger has not, and prove that nothing is left')
    .option('--root <folder>', 'data root (default: data)')
    .option('--daq <address>', 'DAQ as host:port or unix:/path (default: 127.0.0.1:9640)')
    .option('--header <where>', 'folder with header packages, or http://host:port of the header service')
    .addHelpText(
      'after',
      `
A running archiver does this by itself: at its start, when its DAQ is back after an outage, and each minute; while it runs, its data root is ROOT_LOCKED here.
Images that are there already are not written again. Exit code 0 only when every image of the DAQ's catalogue is complete.

Examples:
  ccarchiver catchup --daq 127.0.0.1:9640 --header headers/ --root /data/comcam
  ccarchiver catchup --json`,
    )
    .action(catchup);
}

async function catchup(flags: CatchupFlags): Promise<void> {
  const { root, daq, header } = flags;
  const config = settings(flags, given({ root, daq, header }));
  checkPromptProduct(config);
  const json = flags.json === true;
  let found: Reconciliation | undefined;
  const result = await runSession({
    config,
    daq: { kind: 'network', address: config.daq },
    live: true,
    stage: true,
    onReconciled: (reconciliation) => {
      found = reconciliation;
    },
    onImage: (row) => printImage(row, json),
  });
  if (found === undefined) {
    printSummary(result.summary, json);
    process.exitCode = result.exitCode;
    return;
  }
  if (json) printRecord({ ...result.summary, ...found });
  else printReconciliation(found);
  const isWhole = found.archived === found.catalogue;
  process.exitCode = isWhole ? result.exitCode : result.exitCode || 6;
}

function printReconciliation({ catalogue, archived, ...left }: Reconciliation): void {
  const sets = Object.entries(left) as [string, readonly string[]][];
  const counts = [`${archived} archived`, ...sets.map(([name, images]) => `${images.length} ${name}`)];
  process.stdout.write(`catalogue  ${catalogue} = ${counts.join(' + ')}\n`);
  for (const [name, images] of sets) for (const image of images) process.stdout.write(`${name.padEnd(10)} ${image}\n`);
}
