import { type Command, Option } from 'commander';
import { loadCamera } from '../camera/load.js';
import { openDaq } from '../compose.js';
import { downloadImage } from '../daq/capture/download.js';
import { captureFits } from '../daq/from-fits/convert.js';
import type { FitsFlags } from '../daq/from-fits/identity.js';
import type { DaqImage, DaqSource } from '../daq/port.js';
import { ArchiverError, ERRORS } from '../model/errors.js';
import { parseObsId } from '../model/ids.js';
import { numberBetween } from './daq-command.js';
import { printRecord } from './output.js';
import { Progress } from './progress.js';

interface CaptureFlags extends FitsFlags {
  readonly out: string;
  readonly daq?: string;
  readonly fromFits?: readonly string[];
  readonly image?: string;
  readonly folder: string;
  readonly wait: number;
  readonly json?: boolean;
}

export function register(program: Command): void {
  program
    .command('capture')
    .description(
      'store DAQ images as files that can be replayed and served: from a DAQ, or from FITS files of single CCDs',
    )
    .requiredOption('--out <folder>', 'folder of the captures')
    .addOption(new Option('--daq <address>', 'DAQ as host:port or unix:/path').conflicts('fromFits'))
    .option('--from-fits <files...>', 'FITS files, plain, gzipped or Rice-compressed; each holds one CCD')
    .option(
      '--image <name>',
      'only this image of the DAQ (default: all that it has, or the first that comes)',
      imageName,
    )
    .option('--folder <name>', 'folder of the DAQ', 'raw')
    .option(
      '--wait <s>',
      'seconds to wait for an image or for more of its bytes',
      numberBetween('capture', '--wait', 0.1, 86_400),
      60,
    )
    .option(
      '--camera <name>',
      'comcam, lsstcam, latiss, or a camera JSON file (default: comcam, or what the FITS cards say)',
    )
    .option('--raft <bay>', 'raft of the FITS file, e.g. R33')
    .option('--sensor <slot>', 'sensor of the FITS file, e.g. S11')
    .option('--obsid <name>', 'image name of the FITS files, e.g. TS_C_20180724_000017', imageName)
    .option('--json', 'one NDJSON record per image on stdout')
    .addHelpText(
      'after',
      `
Examples:
  ccarchiver capture --daq 127.0.0.1:9640 --out captures/
  ccarchiver capture --daq 127.0.0.1:9640 --image CC_S_20261121_000001 --out captures/
  ccarchiver capture --from-fits TS8_20180724_RTM-010_S11.fits.gz --out captures/
  ccarchiver capture --from-fits flat.fits --camera lsstcam --raft R33 --sensor S11 --obsid TS_C_20180724_000017 --out captures/`,
    )
    .action(capture);
}

async function capture(flags: CaptureFlags): Promise<void> {
  const progress = new Progress('capturing');
  try {
    if (flags.fromFits !== undefined) await fromFits(flags.fromFits, flags, progress);
    else if (flags.daq !== undefined) await fromDaq(flags.daq, flags, progress);
    else throw new ArchiverError('USAGE', { command: 'capture', problem: 'give --daq or --from-fits' });
  } finally {
    progress.end();
  }
}

async function fromFits(files: readonly string[], flags: CaptureFlags, progress: Progress): Promise<void> {
  const onProgress = (done: number, of: number) => progress.show(done, of);
  const names = await captureFits({ files, flags, out: flags.out, onProgress });
  progress.end();
  for (const name of names) report(name, flags);
}

async function fromDaq(address: string, flags: CaptureFlags, progress: Progress): Promise<void> {
  const daq = await openDaq({ kind: 'network', address });
  try {
    const camera = loadCamera(flags.camera ?? 'comcam');
    for (const { tag, name } of await wantedImages(daq, flags)) {
      const onProgress = (done: number, of: number) => progress.show(done, of);
      const failures = await downloadImage(tag, { daq, camera, out: flags.out, patience: flags.wait, onProgress });
      progress.end();
      for (const error of failures) {
        process.stderr.write(`ccarchiver: ${error.code}: ${error.message}\n`);
        process.exitCode ??= ERRORS[error.code].exit;
      }
      report(name, flags);
    }
  } finally {
    await daq.close();
  }
}

/** Those that are there; when there are none, the first that comes. Images that do not follow the grammar are left in the DAQ. */
async function wantedImages(daq: DaqSource, { image, folder, wait }: CaptureFlags): Promise<DaqImage[]> {
  const wanted = (one: DaqImage) => image === undefined || one.name === image;
  const there = (await daq.list(folder)).filter(wanted);
  if (there.length > 0) return there;
  const signal = AbortSignal.timeout(wait * 1000);
  for await (const notice of daq.watch({ folder, signal })) {
    if (notice.type === 'image' && wanted(notice.image)) return [notice.image];
    // What was created between the list and the watch.
    if (notice.type !== 'connection' || notice.state !== 'open') continue;
    const since = (await daq.list(folder)).filter(wanted);
    if (since.length > 0) return since;
  }
  throw new ArchiverError('DAQ_TIMEOUT', { what: image === undefined ? 'an image' : `image ${image}`, seconds: wait });
}

function report(obsid: string, { out, json }: CaptureFlags): void {
  if (json === true) printRecord({ obsid, folder: out });
  else process.stdout.write(`${obsid}\n`);
}

function imageName(text: string): string {
  return parseObsId(text).text;
}
