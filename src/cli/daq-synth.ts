import type { Command } from 'commander';
import { loadCamera } from '../camera/load.js';
import { synthesize } from '../daq/emulator/synth/synth.js';
import { daqCommand, numberBetween } from './daq-command.js';
import { positiveInteger } from './options.js';
import { printRecord } from './output.js';
import { Progress } from './progress.js';

interface SynthFlags {
  readonly store: string;
  readonly camera: string;
  readonly images: number;
  readonly obsid: string;
  readonly seed: number;
  readonly sky: number;
  readonly stars: number;
  readonly threads: number;
  readonly json?: boolean;
}

export function register(program: Command): void {
  const number = (flag: string, most: number) => numberBetween('daq synth', flag, 0, most);
  const positive = (flag: string) => positiveInteger('daq synth', flag);
  daqCommand(program)
    .command('synth')
    .description('fill a store with synthetic exposures: sky, stars, saturation, bad columns, overscan, crosstalk')
    .requiredOption('--store <folder>', 'folder of the images')
    .option('--camera <name>', 'comcam, lsstcam, latiss, or a camera JSON file', 'comcam')
    .option('--images <n>', 'exposures', positive('--images'), 2)
    .option('--obsid <name>', 'name of the first exposure', 'CC_S_20261121_000001')
    .option('--seed <n>', 'the same seed gives the same bytes', number('--seed', Number.MAX_SAFE_INTEGER), 1)
    .option('--sky <e>', 'sky background in electrons per pixel', number('--sky', 100_000), 1400)
    .option('--stars <n>', 'stars per amplifier', number('--stars', 100_000), 220)
    .option('--threads <n>', 'threads', positive('--threads'), 2)
    .option('--json', 'one NDJSON record per image on stdout')
    .addHelpText(
      'after',
      `
Examples:
  ccarchiver daq synth --store data/store
  ccarchiver daq synth --store data/store --images 10 --seed 7 --sky 400 --obsid CC_S_20261122_000001`,
    )
    .action(synth);
}

async function synth(flags: SynthFlags): Promise<void> {
  const { store, images, obsid, seed, sky, stars, threads } = flags;
  const progress = new Progress('synthesising');
  const camera = loadCamera(flags.camera);
  const options = { store, camera, images, obsid, threads, sky: { seed, sky, starsPerSegment: stars } };
  try {
    const names = await synthesize({ ...options, onProgress: (done, of) => progress.show(done, of) });
    progress.end();
    for (const name of names) {
      if (flags.json === true) printRecord({ obsid: name, store });
      else process.stdout.write(`${name}\n`);
    }
  } finally {
    progress.end();
  }
}
