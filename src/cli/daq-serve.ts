import { type Command, Option } from 'commander';
import { captureCamera } from '../daq/capture/camera.js';
import { startEmulator } from '../daq/emulator/emulator.js';
import { FaultScript } from '../daq/emulator/faults.js';
import type { Pace } from '../daq/emulator/landing.js';
import { parseObsId } from '../model/ids.js';
import { daqCommand, numberBetween, terminated } from './daq-command.js';
import { positiveInteger } from './options.js';

interface ServeFlags {
  readonly store: string;
  readonly camera?: string;
  readonly port: number;
  readonly socket?: string;
  readonly pace: Pace;
  readonly images?: readonly string[];
  readonly repeat?: boolean;
  readonly count?: number;
  readonly interval: number;
  readonly exposure: number;
  readonly startNow?: boolean;
  readonly faults?: string;
}

/** The port that the archiver's default configuration looks for. */
const DEFAULT_PORT = 9640;

export function register(program: Command): void {
  const number = (flag: string, most: number) => numberBetween('daq serve', flag, 0, most);
  daqCommand(program)
    .command('serve')
    .description('serve the images of a store as a DAQ does: take them one after the other, then keep them readable')
    .requiredOption('--store <folder>', 'folder of captured or synthesised images')
    .option(
      '--camera <name>',
      'comcam, lsstcam, latiss, or a camera JSON file (default: what the store says, else comcam)',
    )
    .option('--port <n>', 'TCP port on 127.0.0.1; 0 takes a free one', number('--port', 65535), DEFAULT_PORT)
    .option('--socket <path>', 'listen on a Unix socket instead')
    .addOption(
      new Option('--pace <pace>', "realtime (the sensors' readout, 2.4 s) or max")
        .choices(['realtime', 'max'])
        .default('realtime'),
    )
    .addOption(new Option('--images <names>', 'stored images to take, comma-separated').argParser(imageNames))
    .addOption(new Option('--all', 'take all stored images, by name (the default)').conflicts('images'))
    .option('--repeat', 'begin again after the last image, under new image names')
    .option('--count <n>', 'exposures in all', positiveInteger('daq serve', '--count'))
    .option('--interval <s>', 'seconds from one exposure to the next, at least', number('--interval', 86_400), 0)
    .option('--exposure <s>', 'exposure time in seconds', number('--exposure', 86_400), 0.5)
    .option('--start-now', 'do not wait for the first subscriber')
    .option('--faults <file>', 'fault script in JSON: what goes wrong, on purpose')
    .addHelpText(
      'after',
      `
Prints {"listening":"127.0.0.1:PORT"} when it is ready.

Examples:
  ccarchiver daq serve --store data/store
  ccarchiver daq serve --store data/store --pace max --images CC_S_20261121_000002 --port 0
  ccarchiver daq serve --store data/store --repeat --count 100 --interval 4 --faults faults.json`,
    )
    .action(serve);
}

async function serve(flags: ServeFlags): Promise<void> {
  const { store, socket, port, pace, images, repeat = false, count, interval, exposure, startNow, faults } = flags;
  const emulator = await startEmulator({
    store,
    camera: await captureCamera(store, flags.camera),
    endpoint: socket === undefined ? { host: '127.0.0.1', port } : { path: socket },
    pace,
    repeat,
    intervalMs: interval * 1000,
    exposureMs: exposure * 1000,
    start: startNow === true ? 'at-once' : 'first-subscriber',
    ...(images === undefined ? {} : { images }),
    ...(count === undefined ? {} : { count }),
    ...(faults === undefined ? {} : { faults: FaultScript.load(faults) }),
  });
  process.stdout.write(`${JSON.stringify({ listening: emulator.address })}\n`);
  const failed = new Promise<never>((_, reject) => emulator.finished.catch(reject));
  try {
    await Promise.race([terminated(), failed]);
  } finally {
    await emulator.close();
  }
}

function imageNames(text: string): string[] {
  return text.split(',').map((name) => parseObsId(name).text);
}
