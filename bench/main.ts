import { existsSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { asArchiverError, ERRORS } from '../src/model/errors.js';
import { loadNative } from '../src/native/binding.js';
import { CASES } from './cases.js';
import { summarize } from './figures.js';
import { benchFolder, cleanFolder, usage } from './folder.js';
import { prepareInputs } from './inputs.js';
import { latencyPicture } from './picture.js';
import { CaseRun } from './run.js';
import { caseNamed, type Selection, selectionsOf } from './select.js';
import { table } from './table.js';
import { type TrialOptions, Trials } from './trials.js';
import type { BenchRecord, Cpu, Scene } from './types.js';

/** The service gives a header up 35 s after the readout. */
const MAX_HEADER_DELAY_MS = 30_000;
/** Processes that were ready to run during the last minute. */
const BUSY = 0.5;
const CPUS: readonly Cpu[] = ['avx512', 'avx2', 'scalar'];

const HELP = `usage: npm run bench -- [--json] [--case NAME ...] [--rounds N] [--quick] [--gate]
                        [--folder DIR] [--picture FILE] [--header-delay MS] [--keep-inputs]

  --case NAME        a case, with +both for raw and corrected by quadratic terms and @avx2 for a forced instruction set;
                     a bare name runs both variants. May be repeated. Default: everything
  --rounds N         rounds in which the contenders take turns
  --quick            one round, few repetitions: shows that everything runs
  --gate             exit code 1 when a promised figure is missed
  --folder DIR       where the trials write; on a disk, not in memory (default data/bench)
  --picture FILE     latency by stage as SVG (default <folder>/latency.svg)
  --header-delay MS  of the case latency: the header package comes so long after the readout, at most 30000 (default 0)
  --keep-inputs      leave the synthesised exposures in the folder for the next run

Cases: ${Object.keys(CASES).join(', ')}
`;

function flags() {
  try {
    return parseArgs({
      options: {
        json: { type: 'boolean', default: false },
        case: { type: 'string', multiple: true, default: [] },
        rounds: { type: 'string' },
        quick: { type: 'boolean', default: false },
        gate: { type: 'boolean', default: false },
        folder: { type: 'string', default: join('data', 'bench') },
        picture: { type: 'string' },
        'header-delay': { type: 'string' },
        'keep-inputs': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw usage((error as Error).message.split('\n')[0] ?? '');
  }
}

async function main(stop: AbortSignal): Promise<void> {
  const given = flags();
  if (given.help) {
    process.stdout.write(HELP);
    return;
  }
  const cpus = machineCpus();
  const selections = selectionsOf(given.case, cpus);
  const rounds = given.rounds === undefined ? undefined : wholeNumber('--rounds', given.rounds, [1, 1000]);
  const headerDelayMs = wholeNumber('--header-delay', given['header-delay'] ?? '0', [0, MAX_HEADER_DELAY_MS]);
  checkLatencyFlags(given, selections);
  const folder = benchFolder(given.folder);
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const [load = 0] = loadavg();
  if (load > BUSY)
    say(`the machine is busy (load ${load.toFixed(1)}): these figures will not be those that it could give`);
  const trials = new Trials({ folder, quick: given.quick, headerDelayMs, signal: stop, say });
  try {
    say('synthesising the exposures');
    await prepareInputs(join(folder, 'inputs'), scenesOf(selections));
    const records: BenchRecord[] = [];
    for (const selection of selections) {
      const found = await new CaseRun(selection, trials).run(rounds);
      if (given.json) for (const record of found) process.stdout.write(`${JSON.stringify(record)}\n`);
      records.push(...found);
    }
    const summary = summarize(records, cpus[0] ?? 'scalar', cpus);
    drawLatency(records, given.picture ?? join(folder, 'latency.svg'), trials.options);
    process.stdout.write(given.json ? `${JSON.stringify(summary)}\n` : table(records, summary));
    const missed = summary.gates.some(({ outcome }) => outcome === 'miss');
    if (records.some((record) => 'failed' in record) || (given.gate && missed)) process.exitCode = 1;
  } finally {
    cleanFolder(folder, given['keep-inputs']);
  }
}

/** What concerns the case `latency` only must find it, and a picture its folder: not after half an hour. @throws ArchiverError USAGE */
function checkLatencyFlags(given: ReturnType<typeof flags>, selections: readonly Selection[]): void {
  if (selections.some(({ name }) => name === 'latency')) {
    const parent = dirname(resolve(given.picture ?? ''));
    if (given.picture !== undefined && !existsSync(parent)) throw usage(`--picture: there is no folder ${parent}`);
    return;
  }
  for (const flag of ['picture', 'header-delay'] as const) {
    if (given[flag] !== undefined) throw usage(`--${flag} concerns the case latency, which is not to be run`);
  }
}

function scenesOf(selections: readonly Selection[]): Set<Scene> {
  return new Set(selections.map(({ name }) => caseNamed(name).scene));
}

/** Instruction sets that this machine can run, best first. */
function machineCpus(): Cpu[] {
  const native = loadNative();
  return CPUS.filter((cpu) => native.forceCpu(cpu));
}

function drawLatency(records: readonly BenchRecord[], path: string, { headerDelayMs, say }: TrialOptions): void {
  const record = records.find((one) => 'stages' in one);
  if (record === undefined || !('stages' in record)) return;
  const files =
    'one raft, read out in real time over a socket; both products, ledger, OODS, Data Backbone and prompt bucket';
  writeFileSync(path, latencyPicture(record, `${files}; header package ${headerDelayMs} ms after readout`));
  say(`picture of the latency: ${path}`);
}

function wholeNumber(flag: string, text: string, [least, most]: readonly [number, number]): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw usage(`${flag} takes a whole number from ${least} to ${most}, not "${text}"`);
}

/** An interrupt ends the trial that runs and cleans the folder. */
const stop = new AbortController();
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.on(signal, () => {
    process.exitCode = code;
    stop.abort();
  });
}

main(stop.signal).catch((thrown) => {
  if (stop.signal.aborted) return;
  const error = asArchiverError(thrown);
  process.stderr.write(`bench: ${error.code}: ${error.message}\n`);
  process.exitCode = ERRORS[error.code].exit;
});
