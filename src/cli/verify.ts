import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { Config } from '../config.js';
import type { DaqAddress } from '../daq/address.js';
import { type FileReport, verifyFits } from '../fits/verify.js';
import { ArchiverError, ERRORS } from '../model/errors.js';
import { loadNative } from '../native/binding.js';
import { fitsFiles } from './fits-files.js';
import { settings } from './options.js';
import { printRecord } from './output.js';
import { verifyLedger } from './verify-ledger.js';

interface VerifyFlags {
  readonly json?: boolean;
  readonly sidecar?: boolean;
  readonly ledger?: string;
  readonly repair?: boolean;
  readonly daq?: string;
  readonly captures?: string;
  readonly config?: string;
}

export function register(program: Command): void {
  program
    .command('verify')
    .description('prove structure, sums and pixels of any FITS file, and its sidecar; gzipped files too')
    .argument('[path...]', 'FITS files, and folders with *.fits at any depth')
    .option('--sidecar', 'a file without its JSON sidecar is a failure')
    .option(
      '--ledger <root>',
      'compare all that the ledger of a data root holds with what is on disk, targets included',
    )
    .option(
      '--repair',
      'with --ledger: restore what is damaged from a copy with another inode or one that a receipt names',
    )
    .addOption(
      new Option('--daq <address>', 'with --repair: make a file that has no copy again from the DAQ').conflicts(
        'captures',
      ),
    )
    .option('--captures <folder>', 'with --repair: the same from captured images')
    .option('--config <file>', 'with --ledger: settings in YAML or JSON')
    .option('--json', 'NDJSON on stdout; the last record is the summary')
    .addHelpText(
      'after',
      `
Exit code 0: every file is sound; 6: a file is damaged; 3: a file cannot be read or is in a form that is not decoded here.

Examples:
  ccarchiver verify data/archive
  ccarchiver verify --ledger data --repair
  ccarchiver verify --ledger data --repair --daq 127.0.0.1:9640
  ccarchiver verify --sidecar --json CC_O_20241108_000266_R22_S00.fits`,
    )
    .action(async (paths: string[], flags: VerifyFlags) => {
      requireOneSubject(paths, flags);
      if (flags.ledger !== undefined) {
        const config = settings(flags, { root: flags.ledger });
        const options = { repair: flags.repair === true, json: flags.json === true, source: sourceOf(flags, config) };
        process.exitCode = await verifyLedger(config, options);
        return;
      }
      const core = loadNative();
      const reports = fitsFiles(paths).map((path) => {
        const report = verifyFits(path, core, flags.sidecar === true ? 'required' : 'optional');
        if (flags.json === true) printRecord(recordOf(report));
        else process.stdout.write(`${lineOf(report)}\n`);
        return report;
      });
      if (flags.json === true) printRecord(summaryOf(reports));
      process.exitCode = reports.reduce((gravest, report) => Math.max(gravest, exitCode(report)), 0);
    });
}

/** @throws ArchiverError USAGE */
function requireOneSubject(paths: readonly string[], { ledger, repair, daq, captures }: VerifyFlags): void {
  const usage = (problem: string) => new ArchiverError('USAGE', { command: 'verify', problem });
  if (paths.length === 0 && ledger === undefined) throw usage('give FITS files, folders or --ledger');
  if (paths.length > 0 && ledger !== undefined) throw usage('give either paths or --ledger');
  if (repair === true && ledger === undefined) throw usage('--repair needs --ledger');
  if ((daq ?? captures) !== undefined && repair !== true) throw usage('--daq and --captures need --repair');
}

function sourceOf({ daq, captures }: VerifyFlags, { camera }: Config): DaqAddress | undefined {
  if (captures !== undefined) return { kind: 'capture', folder: resolve(captures), camera };
  return daq === undefined ? undefined : { kind: 'network', address: daq };
}

/** Of the gravest problem; integrity is graver than bad input. */
function exitCode({ problems }: FileReport): number {
  return Math.max(0, ...problems.map(({ code }) => ERRORS[code].exit));
}

function recordOf(report: FileReport): object {
  const problems = report.problems.map((problem) => problem.toData());
  return { ...report, ok: problems.length === 0, problems };
}

function summaryOf(reports: readonly FileReport[]): object {
  const failed = reports.filter(({ problems }) => problems.length > 0).length;
  const bytes = reports.reduce((all, report) => all + report.bytes, 0);
  return { summary: true, files: reports.length, failed, bytes };
}

function lineOf(report: FileReport): string {
  const [first, ...others] = report.problems;
  if (first === undefined) return `ok   ${report.path}: ${provedBy(report)}`;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return `BAD  ${report.path}: ${first.code}: ${first.message}${more}`;
}

function provedBy({ hdus, checksums, images, sidecar }: FileReport): string {
  const parts = [`${hdus} HDUs`];
  if (checksums.verified > 0) parts.push(`sums of ${checksums.verified} right`);
  if (checksums.absent > 0)
    parts.push(checksums.absent === hdus ? 'no checksum' : `no checksum in ${checksums.absent}`);
  if (images.decoded > 0) {
    const sums = images.verified > 0 ? `, ${images.verified} equal to their sums` : ', without sums of their own';
    parts.push(`${images.decoded} compressed images decoded (${(images.pixels / 1e6).toFixed(1)} megapixels)${sums}`);
  }
  if (sidecar === 'agrees') parts.push('sidecar agrees');
  return parts.join(', ');
}
