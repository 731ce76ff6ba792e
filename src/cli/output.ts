import type { ImageRow } from '../stage/port.js';
import type { Summary } from './summary.js';

/** One record of --json output. */
export function printRecord(record: object): void {
  process.stdout.write(`${JSON.stringify(record)}\n`);
}

/** One image as it ended, for people or as a record. */
export function printImage(row: ImageRow, json: boolean): void {
  const files = { raw: 0, corrected: 0 };
  for (const { file } of row.files) files[file.product]++;
  if (json) {
    const failures = row.failures.map(({ raft, sensor, product, error }) => ({ raft, sensor, product, ...error }));
    printRecord({ obsid: row.obsid, state: row.state, files, failures });
    return;
  }
  process.stdout.write(`${row.obsid}  ${row.state.padEnd(10)}  ${files.raw} raw, ${files.corrected} corrected\n`);
  for (const { raft, sensor, product, error } of row.failures) {
    process.stdout.write(`  ${raft}_${sensor} ${product}: ${error.code}: ${error.message}\n`);
  }
}

export function printSummary(summary: Summary, json: boolean): void {
  if (json) {
    printRecord(summary);
    return;
  }
  const { images, complete, incomplete, failed, open, files, latencyMs } = summary;
  const left = open === 0 ? '' : `, ${open} left for the next run`;
  const lines = [
    `images     ${images}: ${complete} complete, ${incomplete} incomplete, ${failed} failed${left}`,
    `files      ${files.raw} raw, ${files.corrected} corrected, ${(summary.bytes / 1e6).toFixed(1)} MB`,
    ...Object.entries(summary.targets).map(([target, count]) => `${target.padEnd(10)} ${count} files`),
  ];
  if (latencyMs !== undefined) {
    lines.push(
      `latency    end of readout to durable file: p50 ${latencyMs.p50} ms, p99 ${latencyMs.p99} ms, max ${latencyMs.max} ms`,
    );
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}
