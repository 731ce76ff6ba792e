import { readFileSync, statSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import { ArchiverError } from '../model/errors.js';
import { nestsDeeply } from '../model/nesting.js';
import { readFailure } from '../model/read-failure.js';
import type { Tree } from './tree.js';

/** All settings with comments take 8 kB. */
const MAX_BYTES = 64 * 1024;
/** Settings stand in two levels. */
const MAX_DEPTH = 16;
/** Anchors and aliases are of no use here, and cost a parser much time. */
const ANCHOR = /(?:^|[\s[{,])[&*]\w/m;

/** Settings of a YAML or JSON file, not yet checked. @throws ArchiverError CONFIG_INVALID, FILE_MISSING, FILE_UNREADABLE */
export function readTree(path: string): Tree {
  return parseTree(readText(path), path);
}

/** @param path of the text, for messages; bounded in size by its reader. @throws ArchiverError CONFIG_INVALID */
export function parseTree(text: string, path: string): Tree {
  if (nestsDeeply(text, MAX_DEPTH)) throw invalid(path, 'it is nested too deeply');
  if (ANCHOR.test(text)) throw invalid(path, 'anchors and aliases are not allowed');
  try {
    const tree: unknown = parseYaml(text, { logLevel: 'error', prettyErrors: true });
    return (tree ?? {}) as Tree;
  } catch (error) {
    throw invalid(path, (error as Error).message.split('\n')[0] ?? '');
  }
}

function readText(path: string): string {
  try {
    const { size } = statSync(path);
    if (size > MAX_BYTES) throw invalid(path, `it has ${size} bytes, at most ${MAX_BYTES} are read`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw readFailure(error, path);
  }
}

function invalid(where: string, problem: string): ArchiverError {
  return new ArchiverError('CONFIG_INVALID', { where, problem });
}
