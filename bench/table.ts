import { CASES } from './cases.js';
import { CONTENDERS, type ContenderName } from './contenders.js';
import { type Summary, unforced } from './figures.js';
import type { BenchRecord, MeasuredRecord } from './types.js';

/** What a run found, for people. */
export function table(records: readonly BenchRecord[], summary: Summary): string {
  const ids = [...new Set(records.map((record) => record.case))];
  const parts = ids.map((id) => caseTable(id, records, summary));
  const cpus = `This machine runs ${summary.cpus.join(', ')}; unless a case says otherwise it ran ${summary.cpu}.`;
  return [...parts, gateTable(summary), cpus, ''].join('\n');
}

function caseTable(id: string, records: readonly BenchRecord[], { ratios }: Summary): string {
  const own = records.filter((one) => one.case === id || (one.case === unforced(id) && one.contender !== 'ours'));
  const rows = own.map((record) => row(record, ratios[`${id}/${record.contender}`]));
  const head = ['contender', 'median ms', 'least', 'most', 'ratio', 'peak MB', ''];
  const what = CASES[id.replace(/[+@].*$/, '')]?.what ?? '';
  const variant = id.includes('+both') ? '; raw and corrected, linear and quadratic' : '';
  const stages = own.flatMap((record) => ('stages' in record ? [stageTable(record)] : []));
  return `\n${id}: ${what}${variant}\n${columns([head, ...rows])}\n${stages.join('')}`;
}

function row(record: BenchRecord, ratio: number | undefined): string[] {
  const what = CONTENDERS[record.contender as ContenderName]?.what ?? '';
  if ('notRun' in record) return [record.contender, '-', '-', '-', '-', '-', `not run: ${record.notRun}`];
  if ('failed' in record) return [record.contender, '-', '-', '-', '-', '-', `failed: ${record.failed}`];
  const [least, most] = record.spreadMs;
  const numbers = [record.medianMs, least, most].map((ms) => ms.toFixed(2));
  const share = ratio === undefined ? '' : `${ratio.toFixed(2)}x`;
  return [record.contender, ...numbers, share, (record.peakRssBytes / 1e6).toFixed(0), what];
}

/** Quantiles from the end of readout, in the order in which the stages are reached. */
function stageTable({ stages = {} }: MeasuredRecord): string {
  const rows = Object.entries(stages)
    .sort(([, a], [, b]) => a.p50 - b.p50)
    .map(([stage, { p50, p95, p99, max }]) => [stage, ...[p50, p95, p99, max].map((ms) => ms.toFixed(1))]);
  if (rows.length === 0) return '';
  return `${columns([['ms after readout', 'p50', 'p95', 'p99', 'max'], ...rows])}\n`;
}

function gateTable({ gates }: Summary): string {
  const rows = gates.map(({ figure, value, limit, required, unit, outcome, why }) => [
    outcome,
    figure,
    String(value),
    `${limit} ${required}`,
    unit,
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
