import type { MergedHeader, SectionRecord } from '../model/header-package.js';
import type { FileJob } from './port.js';

/** Of one record: keyword, text of its value, whether that was quoted, comment, section. */
const FIELDS = 5;

type Field = string | boolean | null;

/** The records of a header as one list of fields: a message of some hundred small objects costs both processes several times as much. */
interface PackedHeader extends Omit<MergedHeader, 'primary' | 'segments'> {
  readonly fields: readonly Field[];
  /** Records of the primary header, then of each segment. */
  readonly counts: readonly number[];
}

/** A file job as it crosses from the coordinator to the assembler. */
export interface PackedJob extends Omit<FileJob, 'facts'> {
  readonly facts: Omit<FileJob['facts'], 'header'> & { readonly header: PackedHeader };
}

export function packJob(job: FileJob): PackedJob {
  const { primary, segments, ...header } = job.facts.header;
  const lists = [primary, ...segments];
  const fields: Field[] = [];
  for (const list of lists) {
    for (const { keyword, value, comment, section } of list) {
      fields.push(keyword, value?.text ?? null, value?.quoted ?? null, comment, section);
    }
  }
  const counts = lists.map(({ length }) => length);
  return { ...job, facts: { ...job.facts, header: { ...header, fields, counts } } };
}

export function unpackJob(packed: PackedJob): FileJob {
  const { fields, counts, ...header } = packed.facts.header;
  let at = 0;
  const next = (count: number) => Array.from({ length: count }, () => recordAt(fields, FIELDS * at++));
  const [primary = [], ...segments] = counts.map(next);
  return { ...packed, facts: { ...packed.facts, header: { ...header, primary, segments } } };
}

function recordAt(fields: readonly Field[], at: number): SectionRecord {
  const [keyword, text, quoted, comment, section] = fields.slice(at, at + FIELDS) as [
    string | null,
    string | null,
    boolean | null,
    string,
    string,
  ];
  return { keyword, value: text === null ? null : { text, quoted: quoted === true }, comment, section };
}
