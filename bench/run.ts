import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { quantiles } from '../src/telemetry/quantiles.js';
import { type BenchCase, CASES, caseId, type Entry } from './cases.js';
import { type Closeness, differenceOf, fitsFiles } from './compare.js';
import { contender } from './contenders.js';
import { paths } from './inputs.js';
import { commandOf, missing, peerInput } from './peers.js';
import type { BenchRecord, Cpu, MeasuredRecord, TrialResult, TrialSpec, Variant } from './types.js';

/** Which parts of a case are run; cpu null is the best of the machine. */
export interface Selection {
  readonly name: string;
  readonly parts: readonly { readonly variant: Variant; readonly cpu: Cpu | null }[];
}

export interface RunOptions {
  readonly folder: string;
  readonly rounds: number | undefined;
  readonly quick: boolean;
  readonly headerDelayMs: number;
  readonly say: (text: string) => void;
}

/** One contender that is measured, and what its trials gave. */
interface Lane {
  readonly id: string;
  readonly entry: Entry;
  readonly variant: Variant;
  readonly cpu: Cpu | null;
  readonly results: TrialResult[];
  failed?: string;
}

const TRIAL_TIMEOUT_MS = 15 * 60 * 1000;
const QUICK_ITERATIONS = 3;

/** Answers of all contenders first, then rounds in which they take turns, each trial in a process of its own. */
export class CaseRun {
  private readonly benchCase: BenchCase;
  private readonly variants: readonly Variant[];
  private readonly lanes: Lane[];
  private readonly absent: BenchRecord[] = [];
  private trials = 0;

  constructor(
    private readonly selection: Selection,
    private readonly options: RunOptions,
  ) {
    const { name } = selection;
    this.benchCase = CASES[name] as BenchCase;
    this.variants = [...new Set(selection.parts.map(({ variant }) => variant))];
    this.lanes = this.variants.flatMap((variant) =>
      this.benchCase.entries.flatMap((entry) => this.lanesOf(entry, variant)),
    );
  }

  async run(): Promise<BenchRecord[]> {
    const { name } = this.selection;
    const { options, lanes } = this;
    await this.compareAnswers();
    const rounds = options.rounds ?? (options.quick ? 1 : this.benchCase.rounds);
    for (let round = 0; round < rounds; round++) {
      for (let i = 0; i < lanes.length; i++) {
        const lane = lanes[(i + round) % lanes.length] as Lane;
        if (lane.failed !== undefined) continue;
        options.say(`${name}: round ${round + 1} of ${rounds}, ${lane.id} ${lane.entry.contender}`);
        await this.measure(lane);
      }
    }
    return [...lanes.map(recordOf), ...this.absent];
  }

  /** Instruction sets concern ours alone; what the machine lacks is reported instead. */
  private lanesOf(entry: Entry, variant: Variant): Lane[] {
    const { name, parts } = this.selection;
    const isOurs = entry.contender === 'ours';
    const cpus = parts.flatMap((part) => (part.variant === variant ? [part.cpu] : []));
    const notRun = missing(entry);
    if (notRun !== undefined) {
      this.absent.push({ case: caseId(name, variant, null), contender: entry.contender, notRun });
      return [];
    }
    return (isOurs ? cpus : [null]).map((cpu) => ({
      id: caseId(name, variant, cpu),
      entry,
      variant,
      cpu,
      results: [],
    }));
  }

  private async measure(lane: Lane): Promise<void> {
    const iterations = this.options.quick ? Math.min(lane.entry.iterations, QUICK_ITERATIONS) : lane.entry.iterations;
    const out = join(this.options.folder, 'trials', String(this.trials++));
    await this.trial(lane, { out, keep: false, warmups: lane.entry.warmups, iterations });
    rmSync(out, { recursive: true, force: true });
  }

  /** Correctness before time: whoever answers differently from ours is not timed, and said to have failed. */
  private async compareAnswers(): Promise<void> {
    const { answer, entries } = this.benchCase;
    const needsSizes = entries.some(({ contender: who }) => who === 'o-direct-write');
    if (answer === 'none' && !needsSizes) return;
    for (const variant of this.variants) await this.compareVariant(variant, needsSizes);
  }

  private async compareVariant(variant: Variant, needsSizes: boolean): Promise<void> {
    const { name } = this.selection;
    const { folder, say } = this.options;
    const lanes = this.lanes.filter((lane) => lane.variant === variant);
    const [ours, ...others] = lanes.filter(({ entry }) => closeness(entry) !== undefined || entry.contender === 'ours');
    if (ours === undefined) return;
    const answers = join(folder, 'trials', 'answers');
    say(`${name}: answers`);
    await this.answer(ours, join(answers, 'ours'));
    if (needsSizes) writeSizes(join(answers, 'ours'), paths.sizes(join(folder, 'inputs'), `${name}.${variant}`));
    for (const lane of this.benchCase.answer === 'none' ? [] : others) {
      const theirs = join(answers, `${lane.entry.contender}.${lane.cpu}`);
      await this.answer(lane, theirs);
      if (lane.failed !== undefined) continue;
      const difference = differenceOf(
        this.benchCase.answer,
        closeness(lane.entry) ?? 'equal',
        join(answers, 'ours'),
        theirs,
      );
      if (difference !== undefined) lane.failed = `wrong answer: ${difference}`;
      rmSync(theirs, { recursive: true, force: true });
    }
    rmSync(answers, { recursive: true, force: true });
  }

  private async answer(lane: Lane, out: string): Promise<void> {
    await this.trial(lane, { out, keep: true, warmups: 1, iterations: 0 });
    lane.results.length = 0;
  }

  private async trial(lane: Lane, how: Pick<TrialSpec, 'out' | 'keep' | 'warmups' | 'iterations'>): Promise<void> {
    const { folder, headerDelayMs } = this.options;
    const { variant, cpu, entry } = lane;
    mkdirSync(how.out, { recursive: true });
    const spec: TrialSpec = {
      case: this.selection.name,
      contender: entry.contender,
      variant,
      cpu,
      inputs: join(folder, 'inputs'),
      headerDelayMs,
      ...how,
    };
    try {
      lane.results.push(await runTrial(commandOf(spec, entry, peerInput(spec))));
    } catch (error) {
      lane.failed = (error as Error).message;
    }
  }
}

/** Runs one process and takes the last line of its stdout for the result. */
async function runTrial([program, ...args]: readonly [string, ...string[]]): Promise<TrialResult> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: TRIAL_TIMEOUT_MS });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  if (code !== 0) throw new Error(`its process ended with ${signal ?? code}: ${lastLines(stderr)}`);
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as TrialResult;
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-4).join(' | ');
}

function closeness(entry: Entry): Closeness | undefined {
  return entry.contender === 'ours' ? 'equal' : contender(entry.contender).answer;
}

function writeSizes(folder: string, path: string): void {
  const sizes = fitsFiles(folder).map((file) => statSync(file).size);
  writeFileSync(path, `${sizes.join('\n')}\n`);
}

function recordOf(lane: Lane): BenchRecord {
  const { id, entry, results, failed } = lane;
  const head = { case: id, contender: entry.contender };
  if (failed !== undefined) return { ...head, failed };
  const samples = results.map(({ ms }) => median(ms));
  const last = results.at(-1);
  const stages = stageQuantiles(results);
  const record: MeasuredRecord = {
    ...head,
    medianMs: round(median(samples)),
    spreadMs: [round(Math.min(...samples)), round(Math.max(...samples))],
    samplesMs: samples.map(round),
    peakRssBytes: Math.max(...results.map(({ peakRssBytes }) => peakRssBytes)),
    ...(last?.figures === undefined ? {} : { figures: last.figures }),
    ...(stages === undefined ? {} : { stages }),
  };
  return record;
}

function stageQuantiles(results: readonly TrialResult[]): MeasuredRecord['stages'] {
  const all: Record<string, number[]> = {};
  for (const { stages = {} } of results) {
    for (const [stage, ms] of Object.entries(stages)) all[stage] = [...(all[stage] ?? []), ...ms];
  }
  const entries = Object.entries(all).flatMap(([stage, ms]) => {
    const found = quantiles(ms);
    return found === undefined ? [] : [[stage, found] as const];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
