import { existsSync, readFileSync, statSync } from 'node:fs';
import { ArchiverError } from '../model/errors.js';
import type { Hdu } from './hdu.js';
import type { CardValue } from './reader-card.js';

/** Cards that a sidecar need not repeat: they describe the file, not the observation. Its sums are those of another form of the header. */
const OF_THE_FILE = new Set(['SIMPLE', 'BITPIX', 'NAXIS', 'EXTEND']);
const SUMS = new Set(['CHECKSUM', 'DATASUM', 'CONTINUE']);
const CONTENT = 'metadata';
const MAX_SIDECAR_BYTES = 4 * 1024 * 1024;
const SHOWN = 3;

/** The sidecar's path beside a FITS file: the same name, ending in .json. */
export function sidecarPath(path: string): string {
  return path.replace(/(\.fits)?(\.[gf]z)?$/, '.json');
}

/**
 * Compares a sidecar with the primary header that it repeats: HIERARCH keywords have dots in it, a value that nobody knows is null there and an
 * undefined card, or no card, here.
 * @returns undefined when there is no sidecar, else what is wrong with it
 */
export function verifySidecar(primary: Hdu): ArchiverError[] | undefined {
  const path = primary.source.path;
  const sidecar = sidecarPath(path);
  if (!existsSync(sidecar)) return undefined;
  const mismatch = (problem: string) => [new ArchiverError('SIDECAR_MISMATCH', { path, sidecar, problem })];
  const members = readMembers(sidecar);
  if (typeof members === 'string') return mismatch(members);
  const differing = differences(members, valuesOf(primary));
  if (differing.length === 0) return [];
  const more = differing.length > SHOWN ? ` and ${differing.length - SHOWN} more` : '';
  return mismatch(`${differing.slice(0, SHOWN).join(', ')}${more}`);
}

function readMembers(path: string): ReadonlyMap<string, unknown> | string {
  try {
    const { size } = statSync(path);
    if (size > MAX_SIDECAR_BYTES) return `it has ${size} bytes`;
    const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return 'it is no JSON object';
    const { __CONTENT__: content = CONTENT, ...members } = parsed as Record<string, unknown>;
    return content === CONTENT ? new Map(Object.entries(members)) : `it says that it holds ${JSON.stringify(content)}`;
  } catch (error) {
    return (error as Error).message;
  }
}

function valuesOf(primary: Hdu): ReadonlyMap<string, CardValue> {
  const values = new Map<string, CardValue>();
  for (const card of primary.cards) {
    const key = card.text.startsWith('HIERARCH ') ? `HIERARCH.${card.keyword.replace(/ +/g, '.')}` : card.keyword;
    if (card.value !== undefined && !values.has(key)) values.set(key, card.value);
  }
  return values;
}

function differences(members: ReadonlyMap<string, unknown>, cards: ReadonlyMap<string, CardValue>): string[] {
  const needsNot = (key: string) => SUMS.has(key) || (OF_THE_FILE.has(key) && !members.has(key));
  const keys = [...new Set([...cards.keys(), ...members.keys()])].filter((key) => !needsNot(key));
  return keys.flatMap((key) => {
    const [here, there] = [cards.get(key) ?? null, members.get(key) ?? null];
    return here === there ? [] : [`${key} is ${JSON.stringify(here)} in the header, ${JSON.stringify(there)} in it`];
  });
}
