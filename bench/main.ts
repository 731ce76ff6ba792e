import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { asArchiverError, ERRORS } from '../src/model/errors.js';
import { loadNative } from '../src/native/binding.js';
import { type BenchCase, CASES } from './cases.js';
import { summarize } from './figures.js';
import { benchFolder, cleanFolder, usage } from './folder.js';
import { prepareInputs } from './inputs.js';
import { latencyPicture } from './picture.js';
import { CaseRun, type RunOptions, type Selection } from './run.js';
import { table } from './table.js';
import type { BenchRecord, Cpu } from './types.js';

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
  --header-delay MS  of the case latency: the header package comes so long after the readout (default 0)
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
        'header-delay': { type: 'string', default: '0' },
        'keep-inputs': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw usage((error as Error).message.split('\n')[0] ?? '');
  }
}

async function main(): Promise<void> {
  const given = flags();
  if (given.help) {
    process.stdout.write(HELP);
    return;
  }
  const cpus = machineCpus();
  const selections = selectionsOf(given.case, cpus);
  const folder = benchFolder(given.folder);
  const options: RunOptions = {
    folder,
    quick: given.quick,
    rounds: given.rounds === undefined ? undefined : wholeNumber('--rounds', given.rounds, 1),
    headerDelayMs: wholeNumber('--header-delay', given['header-delay'], 0),
    say: (text) => process.stderr.write(`${text}\n`),
  };
  try {
    options.say('synthesising the exposures');
    const scenes = new Set(selections.map(({ name }) => caseNamed(name).scene));
    await prepareInputs(join(folder, 'inputs'), scenes);
    const records: BenchRecord[] = [];
    for (const selection of selections) records.push(...(await runCase(selection, options, given.json)));
    const summary = summarize(records, cpus[0] ?? 'scalar', cpus);
    drawLatency(records, given.picture ?? join(folder, 'latency.svg'), options);
    process.stdout.write(given.json ? `${JSON.stringify(summary)}\n` : table(records, summary));
    const missed = summary.gates.some(({ outcome }) => outcome === 'miss');
    if (records.some((record) => 'failed' in record) || (given.gate && missed)) process.exitCode = 1;
  } finally {
    cleanFolder(folder, given['keep-inputs']);
  }
}

async function runCase(selection: Selection, options: RunOptions, json: boolean): Promise<BenchRecord[]> {
  const records = await new CaseRun(selection, options).run();
  if (json) for (const record of records) process.stdout.write(`${JSON.stringify(record)}\n`);
  return records;
}

/** Instruction sets that this machine can run, best first. */
function machineCpus(): Cpu[] {
  const native = loadNative();
  return CPUS.filter((cpu) => native.forceCpu(cpu));
}

/** Everything, or the cases that were named, each once. @throws ArchiverError USAGE */
function selectionsOf(texts: readonly string[], cpus: readonly Cpu[]): Selection[] {
  if (texts.length === 0) return Object.keys(CASES).map((name) => ({ name, parts: allParts(name, cpus) }));
  const named = texts.map((text) => selectionOf(text, cpus));
  return [...new Set(named.map(({ name }) => name))].map((name) => ({
    name,
    parts: named.filter((one) => one.name === name).flatMap(({ parts }) => parts),
  }));
}

function allParts(name: string, cpus: readonly Cpu[]): Selection['parts'] {
  const { variants, forced } = caseNamed(name);
  const wanted = [null, ...forced.filter((cpu) => cpu !== cpus[0] && cpus.includes(cpu))];
  return variants.flatMap((variant) => wanted.map((cpu) => ({ variant, cpu })));
}

/** `name` is all its variants; `name+both`, `name@cpu` and `name+both@cpu` are one thing each. */
function selectionOf(text: string, cpus: readonly Cpu[]): Selection {
  const [, name = text, both, cpu] = /^([a-z-]+)(\+both)?(?:@(\w+))?$/.exec(text) ?? [];
  const { variants } = caseNamed(name);
  if (both !== undefined && !variants.includes('both')) throw usage(`${name} has no variant +both`);
  const forced = cpu === undefined ? null : cpus.find((one) => one === cpu);
  if (forced === undefined) throw usage(`this machine cannot run "${cpu}"; it runs ${cpus.join(', ')}`);
  const wanted = both !== undefined ? (['both'] as const) : forced === null ? variants : (['base'] as const);
  return { name, parts: wanted.map((variant) => ({ variant, cpu: forced })) };
}

function caseNamed(name: string): BenchCase {
  const found = Object.hasOwn(CASES, name) ? CASES[name] : undefined;
  if (found === undefined) throw usage(`no case "${name}"; choose one of ${Object.keys(CASES).join(', ')}`);
  return found;
}

function drawLatency(records: readonly BenchRecord[], path: string, { headerDelayMs, say }: RunOptions): void {
  const record = records.find((one) => 'stages' in one);
  if (record === undefined || !('stages' in record)) return;
  const files =
    'one raft, read out in real time over a socket; both products, ledger, OODS, Data Backbone and prompt bucket';
  writeFileSync(path, latencyPicture(record, `${files}; header package ${headerDelayMs} ms after readout`));
  say(`picture of the latency: ${path}`);
}

function wholeNumber(flag: string, text: string, least: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least) return value;
  throw usage(`${flag} takes a whole number of at least ${least}, not "${text}"`);
}

main().catch((thrown) => {
  const error = asArchiverError(thrown);
  process.stderr.write(`bench: ${error.code}: ${error.message}\n`);
  process.exitCode = ERRORS[error.code].exit;
});
