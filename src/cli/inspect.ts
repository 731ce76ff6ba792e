import { readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Command } from 'commander';
import { fileError } from '../daq/capture/files.js';
import { ArchiverError } from '../model/errors.js';
import { isFolder } from './fits-files.js';
import { type CaptureFlags, inspectCapture } from './inspect-capture.js';
import { type FitsFlags, inspectFits } from './inspect-fits.js';
import { printRecord } from './output.js';

type InspectFlags = FitsFlags & CaptureFlags;

export function register(program: Command): void {
  program
    .command('inspect')
    .description('show what a FITS file, a JSON sidecar or a folder of captured images holds')
    .argument('<path>', 'FITS file (gzipped too), .json file, or folder with captures')
    .option('--hdu <n>', 'the cards of one HDU', hduNumber)
    .option('--camera <name>', 'camera of a capture that does not name one (default: comcam)')
    .option('--json', 'NDJSON on stdout; the last record is the summary')
    .addHelpText(
      'after',
      `
Examples:
  ccarchiver inspect CC_O_20241108_000266_R22_S00.fits
  ccarchiver inspect CC_O_20241108_000266_R22_S00.fits --hdu 1
  ccarchiver inspect captures/`,
    )
    .action(async (path: string, flags: InspectFlags) => {
      if (isFolder(path)) return inspectCapture(path, flags);
      if (path.endsWith('.json')) return inspectDocument(path, flags);
      return inspectFits(path, flags);
    });
}

/** A sidecar is shown as it is; the document of a capture stands for its image. */
async function inspectDocument(path: string, flags: InspectFlags): Promise<void> {
  const document = parseObject(path);
  if (document.format === 'ccarchiver capture') {
    await inspectCapture(dirname(path), flags, basename(path, '.json'));
    return;
  }
  if (document.__CONTENT__ !== 'metadata') {
    throw usage(`${path} is neither the sidecar of a FITS file nor the document of a capture`);
  }
  const { __CONTENT__: _content, ...values } = document;
  if (flags.json === true) {
    printRecord({ path, values });
    printRecord({ summary: true, path, keywords: Object.keys(values).length });
    return;
  }
  const lines = Object.entries(values).map(([key, value]) => `${key.padEnd(32)} ${JSON.stringify(value)}`);
  process.stdout.write(`${lines.join('\n')}\n`);
}

function parseObject(path: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw fileError(path, error);
  }
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
      return parsed as Record<string, unknown>;
  } catch {
    // Told below, in the words of this program.
  }
  throw usage(`${path} holds no JSON object`);
}

function hduNumber(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw usage(`--hdu takes the number of an HDU, 0 for the primary, not "${text}"`);
}

function usage(problem: string): ArchiverError {
  return new ArchiverError('USAGE', { command: 'inspect', problem });
}
