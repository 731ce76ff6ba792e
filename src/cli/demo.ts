import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { DurableFolders } from '../handoff/folders.js';
import { systemClock } from '../model/clock.js';
import { ArchiverError } from '../model/errors.js';
import { distFile } from '../model/package.js';
import { dayobsFromTai, isoFromTai, taiNow } from '../model/time.js';
import { writeFailure } from '../model/write-failure.js';
import type { ImageRow } from '../stage/port.js';
import { type CommonFlags, commonFlags, given, positiveInteger, settings } from './options.js';
import { printImage, printRecord, printSummary } from './output.js';
import { runNode, runVerb, startDaq } from './process.js';
import { runSession } from './session.js';

interface DemoFlags extends CommonFlags {
  readonly out: string;
  readonly images: number;
  readonly pace: string;
  readonly threads?: number;
}

/** Marks a folder as the demo's own, so that the next demo may empty it. */
const MARK = '.ccarchiver-demo';
const FOLDER_MODE = 0o755;
/** Seconds; long enough to see the stages pass, short enough for a demo. */
const EXPOSURE = '1';

export function register(program: Command): void {
  commonFlags(program.command('demo', { isDefault: false }))
    .description('synthesise ComCam images, take them with the DAQ emulator, archive, stage, verify and draw them')
    .option('--out <folder>', 'folder of the demo, emptied first', join('data', 'demo'))
    .option('--images <n>', 'exposures', positiveInteger('demo', '--images'), 2)
    .addOption(
      new Option('--pace <pace>', 'realtime (2.4 s readout) or max').choices(['realtime', 'max']).default('realtime'),
    )
    .option('--threads <n>', 'worker threads (default: 2)', positiveInteger('demo', '--threads'))
    .addHelpText('after', '\nExamples:\n  ccarchiver demo\n  ccarchiver demo --images 5 --pace max --out /tmp/demo')
    .action(demo);
}

async function demo(flags: DemoFlags): Promise<void> {
  const json = flags.json === true;
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const out = await freshFolder(resolve(flags.out));
  const store = join(out, 'daq-store');
  const headers = join(out, 'headers');
  const root = join(out, 'root');
  const start = taiNow(systemClock);
  const obsids = Array.from({ length: flags.images }, (_, i) => obsid(dayobsFromTai(start), i + 1));

  say(`Synthesising ${flags.images} ComCam images of 1 raft (R22, 9 CCDs, 170 megapixels each) ...`);
  await runVerb(['daq', 'synth', '--store', store, '--images', String(flags.images), '--obsid', obsids[0] ?? '']);
  const times = ['--start', isoFromTai(start), '--exposure', EXPOSURE];
  await runNode([distFile('fixtures/make.js'), 'headers', '--out', headers, ...times, ...obsids], 'fixtures headers');

  say(`Taking them with the DAQ emulator at ${flags.pace} pace and archiving to ${shown(root)} ...`);
  const daq = await startDaq(['--store', store, '--all', '--port', '0', '--pace', flags.pace, '--exposure', EXPOSURE]);
  const config = settings(flags, { root, header: headers, daq: daq.address, ...given({ threads: flags.threads }) });
  const result = await runSession({
    config,
    daq: { kind: 'network', address: daq.address },
    live: true,
    stage: true,
    count: flags.images,
    onImage: (row) => printImage(row, json),
  }).finally(() => daq.stop());

  say('Verifying every file that was written ...');
  const verified = await runVerb(['verify', join(root, 'archive'), join(root, 'corrected'), '--json']);
  const picture = await drawRaft(root, result.rows[0], out);
  if (json) printRecord({ demo: true, folder: out, verified: verified.length - 1, picture });
  else printWhere(root, verified.length - 1, picture);
  printSummary(result.summary, json);
  process.exitCode = result.exitCode;
}

async function drawRaft(root: string, row: ImageRow | undefined, out: string): Promise<string> {
  if (row === undefined) throw new ArchiverError('IMAGE_INCOMPLETE', { obsid: '?', problem: 'no image was archived' });
  const picture = join(out, `${row.obsid}_R22.png`);
  const files = row.files.filter(({ file }) => file.product === 'raw').map(({ path }) => join(root, path));
  await runVerb(['quicklook', ...files, '--out', picture]);
  return picture;
}

function printWhere(root: string, verified: number, picture: string): void {
  const rows = [
    ['archive', 'raw FITS and sidecar, the observation'],
    ['oods', 'the same files, linked for the observatory buffer'],
    ['dbb', 'the same files, linked for the Data Backbone'],
    ['bucket', 'crosstalk-corrected, at the keys of prompt processing'],
  ] as const;
  const folders = rows.map(([name]) => shown(join(root, name)));
  const width = Math.max(...folders.map((folder) => folder.length));
  const lines = rows.map(([name, what], index) => {
    const count = String(countFits(join(root, name))).padStart(3);
    return `  ${(folders[index] ?? '').padEnd(width)} ${count} FITS  ${what}`;
  });
  lines.push(
    `  ${verified} files verified: structure, sums, every pixel decoded`,
    `  picture of the raft: ${shown(picture)}`,
  );
  process.stdout.write(`\n${lines.join('\n')}\n\n`);
}

/** A path as the user would type it here. */
function shown(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith('..') ? path : near;
}

function countFits(folder: string): number {
  return readdirSync(folder, { recursive: true }).filter((name) => String(name).endsWith('.fits')).length;
}

function obsid(dayobs: string, seqnum: number): string {
  return `CC_S_${dayobs}_${String(seqnum).padStart(6, '0')}`;
}

/** The demo empties only folders that a demo made. */
async function freshFolder(folder: string): Promise<string> {
  const mark = join(folder, MARK);
  if (existsSync(folder) && readdirSync(folder).length > 0 && !existsSync(mark)) {
    const problem = `${folder} holds something else; choose another --out`;
    throw new ArchiverError('USAGE', { command: 'demo', problem });
  }
  try {
    rmSync(folder, { recursive: true, force: true });
    await new DurableFolders(FOLDER_MODE).make(folder);
    writeFileSync(mark, '');
  } catch (error) {
    throw writeFailure(error, mark);
  }
  return folder;
}
