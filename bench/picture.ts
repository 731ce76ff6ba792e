import type { MeasuredRecord, StageQuantiles } from './types.js';

const WIDTH = 900;
const LABEL_WIDTH = 240;
const ROW_HEIGHT = 34;
const TOP = 78;
const MARGIN = 30;
/** Stages that the figures of the project speak of; the others lead to them. */
const PROMISED: readonly string[] = ['archived', 'in OODS', 'notified'];

/** Readout-to-archive latency by stage as an SVG: per stage a bar to the median and a line from p50 over p95 to the largest. */
export function latencyPicture({ case: id, stages = {} }: MeasuredRecord, caption: string): string {
  const rows = Object.entries(stages).sort(([, a], [, b]) => a.p50 - b.p50);
  const longest = Math.max(1, ...rows.map(([, { max }]) => max));
  const scale = (WIDTH - LABEL_WIDTH - 2 * MARGIN) / longest;
  const height = TOP + rows.length * ROW_HEIGHT + 60;
  const bottom = TOP + rows.length * ROW_HEIGHT;
  const x = (ms: number) => round(LABEL_WIDTH + MARGIN + Math.max(0, ms) * scale);
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}">`,
    '<style>text{font-family:sans-serif;font-size:13px;fill:#222}.head{font-size:16px;font-weight:bold}.small{font-size:11px;fill:#666}</style>',
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text class="head" x="${MARGIN}" y="28">From the end of readout to each stage (${escapeXml(id)})</text>`,
    `<text class="small" x="${MARGIN}" y="46">${escapeXml(caption)}</text>`,
    `<text class="small" x="${x(0) - 8}" y="${TOP - 6}" text-anchor="end">p50</text>`,
    ...axis(longest, x, bottom),
    ...rows.map(([stage, quantiles], i) => bar(stage, quantiles, x, TOP + i * ROW_HEIGHT)),
    '</svg>',
  ];
  return `${lines.join('\n')}\n`;
}

function bar(stage: string, { p50, p95, p99, max }: StageQuantiles, x: (ms: number) => number, y: number): string {
  const middle = y + ROW_HEIGHT / 2;
  const tick = (ms: number, half: number) =>
    `<line x1="${x(ms)}" x2="${x(ms)}" y1="${middle - half}" y2="${middle + half}" stroke="#14406b" stroke-width="1.5"/>`;
  const [weight, fill] = PROMISED.includes(stage) ? [' font-weight="bold"', '#2f6fb0'] : ['', '#9cc3e6'];
  return [
    `<text${weight} x="${MARGIN}" y="${middle + 4}">${escapeXml(stage)}</text>`,
    `<rect x="${x(0)}" y="${middle - 9}" width="${round(x(p50) - x(0))}" height="18" fill="${fill}"/>`,
    `<line x1="${x(p50)}" x2="${x(max)}" y1="${middle}" y2="${middle}" stroke="#14406b"/>`,
    tick(p95, 6),
    tick(p99, 6),
    tick(max, 9),
    `<title>${escapeXml(stage)}: p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms, max ${max} ms</title>`,
    `<text class="small" x="${x(0) - 8}" y="${middle + 4}" text-anchor="end">${p50} ms</text>`,
  ].join('');
}

function axis(longest: number, x: (ms: number) => number, bottom: number): string[] {
  const step = tickStep(longest);
  const ticks = Array.from({ length: Math.floor(longest / step) + 1 }, (_, i) => i * step);
  return [
    ...ticks.map(
      (ms) =>
        `<line x1="${x(ms)}" x2="${x(ms)}" y1="${TOP}" y2="${bottom}" stroke="#ddd"/>` +
        `<text class="small" x="${x(ms)}" y="${bottom + 16}" text-anchor="middle">${ms}</text>`,
    ),
    `<text class="small" x="${x(0)}" y="${bottom + 38}">milliseconds; bar: p50, marks: p95, p99 and the largest</text>`,
  ];
}

/** 1, 2 or 5 times a power of ten, for at most ten ticks. */
function tickStep(longest: number): number {
  const power = 10 ** Math.floor(Math.log10(longest / 10));
  return [1, 2, 5, 10].map((n) => n * power).find((step) => longest / step <= 10) ?? longest;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
