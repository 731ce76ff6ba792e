import type { Command } from 'commander';
import { readFits } from '../fits/reader.js';
import { ArchiverError, ERRORS } from '../model/errors.js';
import { loadNative } from '../native/binding.js';
import { type CcdFile, drawPicture, type Picture } from '../quicklook/draw.js';
import { identifyCcd } from '../quicklook/identify.js';
import { encodePng, writePng } from '../quicklook/png.js';
import { fitsFiles } from './fits-files.js';
import { positiveInteger } from './options.js';
import { printRecord } from './output.js';
import { Progress } from './progress.js';

interface QuicklookFlags {
  readonly out: string;
  readonly bin?: number;
  readonly obsid?: string;
  readonly camera?: string;
  readonly json?: boolean;
}

export function register(program: Command): void {
  program
    .command('quicklook')
    .description('draw a CCD, or the raft that several CCDs belong to, as a PNG: trimmed, overscan subtracted, zscaled')
    .argument('<path...>', 'FITS files of one image, and folders with *.fits at any depth')
    .requiredOption('--out <file>', 'the picture')
    .option('--bin <n>', 'pixels per picture pixel and side (default: longest side about 1600)', bin)
    .option('--obsid <name>', 'which image, when the paths hold several')
    .option('--camera <name>', 'camera whose data gives the geometry (default: by CAMCODE or INSTRUME)')
    .option('--json', 'one record on stdout')
    .addHelpText(
      'after',
      `
One file is drawn as a CCD; several are drawn in their places on the raft, and missing CCDs stay dark.

Examples:
  ccarchiver quicklook data/archive --obsid CC_O_20241108_000266 --out raft.png
  ccarchiver quicklook CC_O_20241108_000266_R22_S00.fits --bin 1 --out ccd.png`,
    )
    .action(quicklook);
}

const bin = positiveInteger('quicklook', '--bin');

async function quicklook(paths: string[], flags: QuicklookFlags): Promise<void> {
  const files = oneImage(fitsFiles(paths), flags);
  const extent = files.length === 1 ? 'ccds' : 'raft';
  const bar = new Progress('drawing');
  const progress = (done: number, of: number) => bar.show(done, of);
  const picture = drawPicture(files, loadNative(), { extent, bin: flags.bin, progress });
  bar.end();
  for (const { path, error } of picture.failures) {
    process.stderr.write(`ccarchiver: ${error.code}: ${path} is not drawn: ${error.message}\n`);
    process.exitCode = Math.max(Number(process.exitCode ?? 0), ERRORS[error.code].exit);
  }
  if (picture.drawn.length === 0) return;
  writePng(flags.out, await encodePng(picture));
  const { obsid, raft } = files[0].identity;
  if (flags.json === true) printRecord(recordOf(flags.out, obsid, picture));
  else process.stdout.write(`${flags.out}: ${obsid} ${raft.bay}, ${describe(picture)}\n`);
}

/** The first file of each CCD of one image and one raft. @throws ArchiverError USAGE when the paths hold more than that */
function oneImage(paths: readonly string[], flags: QuicklookFlags): [CcdFile, ...CcdFile[]] {
  const all = paths.map((path) => ({ path, identity: identityOf(path, flags.camera) }));
  const chosen = all.filter(({ identity }) => flags.obsid === undefined || identity.obsid === flags.obsid);
  onlyOne('images', '--obsid', new Set(chosen.map(({ identity }) => identity.obsid)));
  onlyOne('rafts', 'the files of one raft', new Set(chosen.map(({ identity }) => identity.raft.bay)));
  const bySensor = new Map(chosen.toReversed().map((file) => [file.identity.ccd.sensor, file]));
  const [first, ...others] = [...bySensor.values()].toReversed();
  if (first === undefined) throw usage(`no file is of image ${flags.obsid}`);
  return [first, ...others];
}

function identityOf(path: string, camera?: string): CcdFile['identity'] {
  const file = readFits(path);
  try {
    const [primary] = file.hdus;
    if (primary === undefined) throw new ArchiverError('FITS_INVALID', { path, problem: 'it has no HDU' });
    return identifyCcd(primary, camera);
  } finally {
    file.close();
  }
}

function onlyOne(what: string, give: string, found: ReadonlySet<string>): void {
  if (found.size > 1)
    throw usage(`the paths hold several ${what} (${[...found].slice(0, 5).join(', ')}); give ${give}`);
}

function usage(problem: string): ArchiverError {
  return new ArchiverError('USAGE', { command: 'quicklook', problem });
}

function recordOf(out: string, obsid: string, picture: Picture): object {
  const { width, height, bin: factor, range, drawn, missing, failures } = picture;
  const failed = failures.map(({ path, error }) => ({ path, ...error.toData() }));
  return { summary: true, out, obsid, width, height, bin: factor, range, drawn, missing, failures: failed };
}

function describe({ width, height, bin: factor, range, drawn, missing }: Picture): string {
  const dark = missing.length === 0 ? '' : `, dark: ${missing.join(' ')}`;
  const scale = `${range.low.toFixed(1)} to ${range.high.toFixed(1)} adu`;
  const ccds = `${drawn.length} CCD${drawn.length === 1 ? '' : 's'}`;
  return `${ccds}, ${width} x ${height} pixels, bin ${factor}, ${scale}${dark}`;
}
