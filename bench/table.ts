import { CASES } from './cases.js';
import { CONTENDERS, type ContenderName } from './contenders.js';
import { beside, type Summary } from './figures.js';
import type { BenchRecord, MeasuredRecord } from './types.js';

const HEAD = ['contender', 'median ms', 'least', 'most', 'rounds', 'ratio', 'peak MB', ''] as const;

const ms = (what: string) => (value: number) => `${what} ${value.toFixed(1)} ms`;
/** How a figure is told, in this order. */
const FIGURES: Readonly<Record<string, (value: number) => string>> = {
  packedGBs: (rate) => `${rate.toFixed(2)} GB/s of packed words`,
  packedBytes: (bytes) => `${megabytes(bytes)} MB of them`,
  fileBytes: (bytes) => `${megabytes(bytes)} MB of files`,
  computeMs: ms('last band compressed after'),
  diskFloorMs: ms('plain O_DIRECT writes of the files take'),
  gatherMs: ms('gathering and summing'),
  headersAndCallsMs: ms('headers and calls'),
  leftOutMs: ms('writing, left out,'),
  inputBytes: (bytes) => `${megabytes(bytes)} MB of the peak are the packed words`,
  assemblerRssBytes: (bytes) => `${megabytes(bytes)} MB in the assembler's process`,
};

/** What a run found, for people. */
export function table(records: readonly BenchRecord[], summary: Summary): string {
  const own = records.filter(({ contender }) => contender === 'ours');
  const parts = own.map(({ case: id }) => caseTable(id, records, summary));
  const cpus = `This machine runs ${summary.cpus.join(', ')}; unless a case says otherwise it ran ${summary.cpu}.`;
  return [...parts, '', gateTable(summary), cpus, ''].join('\n');
}

function caseTable(id: string, records: readonly BenchRecord[], { ratios }: Summary): string {
  const own = beside(id, records);
  const rows = own.map((record) => row(record, ratios[`${id}/${record.contender}`]));
  const what = CASES[id.replace(/[+@].*$/, '')]?.what ?? '';
  const variant = id.includes('+both') ? '; raw and corrected, linear and quadratic' : '';
  const measured = own.filter((record) => 'medianMs' in record);
  const parts = [columns([HEAD, ...rows]), ...measured.flatMap(figureLine), ...measured.flatMap(stageTable)];
  return `\n${id}: ${what}${variant}\n${parts.join('\n')}`;
}

function row(record: BenchRecord, ratio: number | undefined): string[] {
  const what = CONTENDERS[record.contender as ContenderName]?.what ?? '';
  const nothing = HEAD.slice(1, -1).map(() => '-');
  if ('notRun' in record) return [record.contender, ...nothing, `not run: ${record.notRun}`];
  if ('failed' in record) return [record.contender, ...nothing, `failed: ${record.failed}`];
  const times = [record.medianMs, ...record.spreadMs].map((ms) => ms.toFixed(2));
  const share = ratio === undefined ? '' : `${ratio.toFixed(2)}x`;
  return [record.contender, ...times, String(record.samplesMs.length), share, megabytes(record.peakRssBytes), what];
}

/** The further figures of a record, in one line. */
function figureLine({ contender, figures = {} }: MeasuredRecord): string[] {
  const texts = Object.entries(FIGURES).flatMap(([name, text]) => {
    const value = figures[name];
    return value === undefined ? [] : [text(value)];
  });
  return texts.length === 0 ? [] : [`  ${contender}: ${texts.join('; ')}`];
}

/** Quantiles from the end of readout, in the order in which the stages are reached. */
function stageTable({ stages = {} }: MeasuredRecord): string[] {
  const rows = Object.entries(stages)
    .sort(([, a], [, b]) => a.p50 - b.p50)
    .map(([stage, { p50, p95, p99, max }]) => [stage, ...[p50, p95, p99, max].map((ms) => ms.toFixed(1))]);
  return rows.length === 0 ? [] : [columns([['ms after readout', 'p50', 'p95', 'p99', 'max'], ...rows])];
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}

function gateTable({ gates }: Summary): string {
  const rows = gates.map(({ figure, value, limit, required, unit, outcome, why }) => [
    outcome,
    figure,
    unit === 'bytes' ? megabytes(value) : String(value),
    `${limit} ${unit === 'bytes' ? megabytes(required) : required}`,
    unit === 'bytes' ? 'MB' : unit,
    why ?? '',
  ]);
  return rows.length === 0 ? '' : `\nFigures\n${columns(rows)}\n`;
}

/** Text columns to the left, numbers to the right. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((one) => (one[i] ?? '').length)));
  const isNumber = (text: string) => /^-?[\d.]+x?$/.test(text);
  return rows
    .map((one) =>
      one
        .map((cell, i) => (isNumber(cell) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `  ${line}`)
    .join('\n');
}
