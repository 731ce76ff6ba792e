import { resolve } from 'node:path';
import type { Command } from 'commander';
import { recordedCamera } from '../daq/capture/camera.js';
import { ArchiverError } from '../model/errors.js';
import type { Product } from '../model/ids.js';
import { type CommonFlags, commonFlags, given, positiveInteger, settings } from './options.js';
import { printImage, printSummary } from './output.js';
import { runSession } from './session.js';

interface ReplayFlags extends CommonFlags {
  readonly out: string;
  readonly header?: string;
  readonly products?: readonly Product[];
  readonly uncompressed?: boolean;
  readonly threads?: number;
}

export function register(program: Command): void {
  commonFlags(program.command('replay'))
    .description('archive the captured images of a folder again: the same capture gives the same bytes')
    .argument('<folder>', 'folder with captures (.raw with .meta or .json, or <image>_22.0)')
    .requiredOption('--out <folder>', 'data root to write below; files go to <folder>/archive')
    .option('--header <folder>', 'folder with header packages')
    .option('--products <list>', 'raw, corrected or both, comma-separated (default: raw)', products)
    .option('--uncompressed', 'plain 32-bit images instead of Rice tiles')
    .option('--threads <n>', 'worker threads (default: 2)', positiveInteger('replay', '--threads'))
    .addHelpText(
      'after',
      `
Examples:
  ccarchiver replay captures/ --out replayed/
  ccarchiver replay captures/ --out replayed/ --products raw,corrected --uncompressed`,
    )
    .action(async (folder: string, flags: ReplayFlags) => {
      const { out, header, threads } = flags;
      const config = settings(
        { ...flags, ...given({ camera: flags.camera ?? (await recordedCamera(folder)) }) },
        {
          ...given({ header, threads }),
          root: out,
          products: [...(flags.products ?? ['raw'])],
          compression: flags.uncompressed === true ? 'none' : 'rice',
          expect: 'image',
        },
      );
      const json = flags.json === true;
      const result = await runSession({
        config,
        daq: { kind: 'capture', folder: resolve(folder), camera: config.camera },
        live: false,
        stage: false,
        onImage: (row) => printImage(row, json),
      });
      printSummary(result.summary, json);
      process.exitCode = result.exitCode;
    });
}

function products(text: string): Product[] {
  return text.split(',').map((name) => {
    if (name === 'raw' || name === 'corrected') return name;
    throw new ArchiverError('USAGE', {
      command: 'replay',
      problem: `--products takes raw and corrected, not "${name}"`,
    });
  });
}
