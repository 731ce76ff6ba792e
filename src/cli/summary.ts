import type { Product } from '../model/ids.js';
import type { FileRow, ImageRow } from '../stage/port.js';
import { type Quantiles, quantiles } from '../telemetry/quantiles.js';

/** The last record of every verb that archives. */
export interface Summary {
  readonly summary: true;
  readonly images: number;
  readonly complete: number;
  readonly incomplete: number;
  readonly failed: number;
  /** Left by a run that was asked to end; the next one goes on with them. */
  readonly open: number;
  readonly files: Readonly<Record<Product, number>>;
  readonly bytes: number;
  /** Files delivered, by target. */
  readonly targets: Readonly<Record<string, number>>;
  /** From the end of readout to the durable file. */
  readonly latencyMs?: Quantiles;
  /** Codes of everything that went wrong, with their counts. */
  readonly problems: Readonly<Record<string, number>>;
}

export interface SessionFacts {
  readonly rows: readonly ImageRow[];
  /** Images that never got a row, because they could not be identified. */
  readonly refused: number;
  /** Codes of everything that went wrong, with their counts. */
  readonly problems: Readonly<Record<string, number>>;
  /** In ms from the end of readout to the durable file. */
  readonly latencies: readonly number[];
  readonly targets: readonly string[];
}

export function summarize(facts: SessionFacts): Summary {
  const files = facts.rows.flatMap((row) => row.files);
  const count = (state: ImageRow['state']) => facts.rows.filter((row) => row.state === state).length;
  const latencyMs = quantiles(facts.latencies);
  return {
    summary: true,
    images: facts.rows.length + facts.refused,
    complete: count('complete'),
    incomplete: count('incomplete'),
    failed: count('failed') + facts.refused,
    open: count('open'),
    files: { raw: ofProduct(files, 'raw').length, corrected: ofProduct(files, 'corrected').length },
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    targets: Object.fromEntries(facts.targets.map((target) => [target, delivered(files, target)])),
    ...(latencyMs === undefined ? {} : { latencyMs }),
    problems: facts.problems,
  };
}

/** Exit code 0 only when nothing failed: every image complete, every delivery made, no problem on the way. */
export function nothingFailed(summary: Summary, rows: readonly ImageRow[]): boolean {
  const undelivered = rows.some((row) => row.files.some((f) => f.deliveries.some((d) => d.state !== 'delivered')));
  return summary.complete === summary.images && !undelivered && Object.keys(summary.problems).length === 0;
}

function ofProduct(files: readonly FileRow[], product: Product): FileRow[] {
  return files.filter(({ file }) => file.product === product);
}

function delivered(files: readonly FileRow[], target: string): number {
  return files.filter((file) => file.deliveries.some((d) => d.target === target && d.state === 'delivered')).length;
}
