import type { Hdu } from '../fits/hdu.js';
import { type FitsFile, readFits } from '../fits/reader.js';
import { ArchiverError, asArchiverError, ERRORS, type ErrorData } from '../model/errors.js';
import { loadNative } from '../native/binding.js';
import { type SegmentStatistics, segmentStatistics } from '../quicklook/statistics.js';
import { printRecord } from './output.js';

/** What tells an observer which image this is. */
const KEY_CARDS = [
  'OBSID',
  'INSTRUME',
  'RAFTBAY',
  'CCDSLOT',
  'LSST_NUM',
  'IMGTYPE',
  'OBJECT',
  'FILTER',
  'EXPTIME',
  'DATE-OBS',
  'TIMESYS',
  'XTALKCOR',
  'HEADVER',
] as const;

export interface FitsFlags {
  /** The cards of this HDU instead of the table. */
  readonly hdu?: number;
  readonly json?: boolean;
}

interface HduRow {
  readonly hdu: number;
  readonly kind: string;
  readonly extname: string | null;
  readonly cards: number;
  /** Of the data unit. */
  readonly bytes: number;
  readonly statistics?: SegmentStatistics;
  readonly error?: ErrorData;
}

/** Shows one file: a table of its HDUs with the statistics of their pixels, or the cards of one HDU. */
export function inspectFits(path: string, flags: FitsFlags): void {
  const file = readFits(path);
  try {
    if (flags.hdu === undefined) showFile(file, flags.json === true);
    else showCards(file, flags.hdu, flags.json === true);
  } finally {
    file.close();
  }
}

function showCards(file: FitsFile, index: number, json: boolean): void {
  const hdu = file.hdus[index];
  if (hdu === undefined) {
    const problem = `${file.path} has HDUs 0 to ${file.hdus.length - 1}, not ${index}`;
    throw new ArchiverError('USAGE', { command: 'inspect', problem });
  }
  if (!json) {
    process.stdout.write(`${hdu.cards.map((card) => card.text.trimEnd()).join('\n')}\n`);
    return;
  }
  for (const { keyword, value, comment, problem } of hdu.cards) printRecord({ keyword, value, comment, problem });
  printRecord({ summary: true, path: file.path, hdu: index, cards: hdu.cards.length });
}

function showFile(file: FitsFile, json: boolean): void {
  const keys = Object.fromEntries(
    KEY_CARDS.map((key) => [key, cardValue(file.hdus[0], key)]).filter(([, v]) => v !== null),
  );
  if (!json) {
    process.stdout.write(`${file.path}: ${file.hdus.length} HDUs, ${(file.size / 1e6).toFixed(1)} MB\n`);
    for (const [key, value] of Object.entries(keys)) process.stdout.write(`  ${key.padEnd(8)} ${value}\n`);
    process.stdout.write(`${HEADING}\n`);
  }
  const rows = file.hdus.map((hdu) => {
    const row = rowOf(hdu);
    if (json) printRecord(row);
    else process.stdout.write(`${lineOf(row)}\n`);
    return row;
  });
  if (json) printRecord({ summary: true, path: file.path, hdus: rows.length, bytes: file.size, keys });
  process.exitCode = Math.max(0, ...rows.map(({ error }) => (error === undefined ? 0 : ERRORS[error.code].exit)));
}

function cardValue(hdu: Hdu | undefined, keyword: string): unknown {
  return hdu?.card(keyword)?.value ?? null;
}

/** A damaged segment is told in its row; the others are shown all the same. */
function rowOf(hdu: Hdu): HduRow {
  const { index, kind, extname, cards, data } = hdu;
  const row = { hdu: index, kind, extname: extname ?? null, cards: cards.length, bytes: data.bytes };
  try {
    const statistics = segmentStatistics(hdu, loadNative());
    return statistics === undefined ? row : { ...row, statistics };
  } catch (error) {
    return { ...row, error: asArchiverError(error).toData() };
  }
}

const HEADING =
  ' HDU  kind              name         cards      bytes       pixels  overscan mean     rms  image median';

function lineOf({ hdu, kind, extname, cards, bytes, statistics, error }: HduRow): string {
  const head = `${String(hdu).padStart(4)}  ${kind.padEnd(16)}  ${(extname ?? '').padEnd(12)} ${String(cards).padStart(5)} ${String(bytes).padStart(10)}`;
  if (error !== undefined) return `${head}  ${error.code}: ${error.message}`;
  if (statistics === undefined) return head;
  const { columns, rows, overscan, imageMedian } = statistics;
  const [mean, rms] = overscan === undefined ? ['-', '-'] : [overscan.mean.toFixed(2), overscan.rms.toFixed(2)];
  return `${head} ${`${columns} x ${rows}`.padStart(12)} ${mean.padStart(14)} ${rms.padStart(7)} ${imageMedian.toFixed(1).padStart(13)}`;
}
