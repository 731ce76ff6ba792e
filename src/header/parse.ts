import { isAlias, isMap, isScalar, isSeq, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { ArchiverError } from '../model/errors.js';
import type { HeaderPackage, HeaderRecord, HeaderScalar, HeaderSection } from '../model/header-package.js';
import { nestsDeeply } from '../model/nesting.js';

/** A package of all of LSSTCam takes 4 MB. */
export const MAX_PACKAGE_BYTES = 8 * 1024 * 1024;
const MAX_SECTIONS = 8192;
const MAX_RECORDS = 1024;
/** A real package nests three levels; deeper ones cost a parser much time for nothing. */
const MAX_DEPTH = 64;

export interface Expected {
  /** Path or URL, for messages. */
  readonly where: string;
  readonly obsid: string;
}

/**
 * Parses what the header service writes: YAML sections of {keyword, value, comment} records, or a playback file in
 * JSON. Scalars stay text; aliases, tags, duplicate keys and nested values are refused, and nothing of the text
 * becomes a property name.
 * @throws ArchiverError HEADER_INVALID, HEADER_WRONG_IMAGE
 */
export function parsePackage(text: string, expected: Expected): HeaderPackage {
  const root = parseRoot(text, expected.where);
  const isPlayback = root.items.some((pair) => isScalar(pair.key) && pair.key.value === '__CONTENT__');
  const parsed = isPlayback
    ? ({ layout: 'common', sections: [playbackSection(root, expected.where)] } as const)
    : ({ layout: 'sections', sections: sections(root, expected.where) } as const);
  const obsid = obsidOf(parsed.sections);
  if (obsid !== null && obsid !== expected.obsid) {
    throw new ArchiverError('HEADER_WRONG_IMAGE', {
      where: expected.where,
      actual: printable(obsid),
      expected: expected.obsid,
    });
  }
  return { obsid, ...parsed };
}

function parseRoot(text: string, where: string): YAMLMap {
  if (text.length > MAX_PACKAGE_BYTES) throw invalid(where, `more than ${MAX_PACKAGE_BYTES} bytes`);
  if (nestsDeeply(text, MAX_DEPTH)) throw invalid(where, 'nested too deeply');
  // JSON is YAML, and this parser keeps the digits of its numbers. Its own check of keys takes the square of their number.
  const document = parseDocument(text, {
    schema: 'failsafe',
    prettyErrors: false,
    logLevel: 'error',
    uniqueKeys: false,
  });
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault !== undefined) throw invalid(where, `${fault.message} at character ${fault.pos[0]}`);
  if (!isMap(document.contents)) throw invalid(where, 'it is no map of sections');
  return document.contents;
}

/** The members of a map, no key twice. */
function members(map: YAMLMap, where: string): Pair[] {
  const keys = new Set<unknown>();
  for (const { key } of map.items) {
    const value = isScalar(key) ? String(key.value) : key;
    if (keys.has(value)) throw invalid(where, `key ${printable(String(value))} stands twice`);
    keys.add(value);
  }
  return map.items as Pair[];
}

function sections(root: YAMLMap, where: string): HeaderSection[] {
  if (root.items.length > MAX_SECTIONS) throw invalid(where, `more than ${MAX_SECTIONS} sections`);
  return members(root, where).map((pair) => {
    const name = keyText(pair, where);
    if (!isSeq(pair.value)) throw invalid(where, `section ${name} is no list of records`);
    if (pair.value.items.length > MAX_RECORDS) throw invalid(where, `section ${name} has too many records`);
    return { name, records: pair.value.items.map((item) => record(item, name, where)) };
  });
}

function record(item: unknown, section: string, where: string): HeaderRecord {
  if (!isMap(item)) throw invalid(where, `section ${section} holds something else than records`);
  const fields = members(item, where);
  const field = (name: string): HeaderScalar | null => {
    const pair = fields.find((candidate) => isScalar(candidate.key) && candidate.key.value === name);
    return pair === undefined ? null : scalar(pair.value, `${section} ${name}`, where);
  };
  const keyword = field('keyword');
  return {
    keyword: keyword === null ? null : plainKeyword(keyword.text),
    value: field('value'),
    comment: field('comment')?.text ?? '',
  };
}

/** A playback file is one flat header, bare or under __COMMON__; nested members name files and are no keywords. */
function playbackSection(root: YAMLMap, where: string): HeaderSection {
  const all = members(root, where);
  const common = all.find((pair) => isScalar(pair.key) && pair.key.value === '__COMMON__')?.value;
  const records = (isMap(common) ? members(common, where) : all).flatMap((pair): HeaderRecord[] => {
    if (!isScalar(pair.key) || pair.key.value === '__CONTENT__') return [];
    if (pair.value !== null && !isScalar(pair.value)) return [];
    const value = scalar(pair.value, 'member', '');
    return [{ keyword: plainKeyword(String(pair.key.value)), value, comment: '' }];
  });
  return { name: 'PRIMARY', records };
}

/** HIERARCH keywords by their words: playback files write `HIERARCH A B`, sidecars `HIERARCH.A.B`. */
function plainKeyword(text: string): string {
  const hierarch = /^HIERARCH[ .](.+)$/s.exec(text)?.[1];
  return hierarch === undefined ? text.trim() : hierarch.replaceAll('.', ' ').trim();
}

/** null for what YAML calls null: nothing, ~ or an unquoted null. */
function scalar(node: unknown, what: string, where: string): HeaderScalar | null {
  if (node === null) return null;
  if (isAlias(node)) throw invalid(where, `${what} is an alias`);
  if (!isScalar(node)) throw invalid(where, `${what} is no scalar`);
  const text = String(node.value ?? '');
  const quoted = node.type !== 'PLAIN';
  return !quoted && /^(?:|~|null|Null|NULL)$/.test(text) ? null : { text, quoted };
}

function keyText(pair: Pair, where: string): string {
  if (!isScalar(pair.key)) throw invalid(where, 'a section name is no scalar');
  return printable(String(pair.key.value));
}

function obsidOf(all: readonly HeaderSection[]): string | null {
  const primary = all.find((section) => section.name === 'PRIMARY');
  return primary?.records.findLast((candidate) => candidate.keyword === 'OBSID')?.value?.text ?? null;
}

function printable(text: string): string {
  return text.replace(/[^ -~]/gu, '?').slice(0, 80);
}

function invalid(where: string, problem: string): ArchiverError {
  return new ArchiverError('HEADER_INVALID', { where, problem: problem.replace(/[^ -~]/gu, '?').slice(0, 200) });
}
