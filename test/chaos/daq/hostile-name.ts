import type { Random } from '../random.js';

const PIECES = [
  '..',
  '/',
  '\\',
  '\0',
  '\n',
  '\r',
  ' ',
  '.',
  '~',
  '$HOME',
  '`id`',
  '$(id)',
  ';',
  '|',
  '*',
  '?',
  '[',
  ']',
  '(',
  ')',
  '!',
  '%2e%2e%2f',
  '%00',
  '‮',
  'é',
  'ﾟ',
  'CC_O_20261121_000001',
  'CC_O_20261121_',
  '_000001',
  'CC',
  'O',
  '20261121',
  '00000000',
  '99999999',
  '-1',
  'NaN',
  'null',
  '__proto__',
  'constructor',
  'mem://',
  'http://127.0.0.1/',
  'file:///etc/passwd',
  '/etc/passwd',
  '.tmp',
  'ledger.sqlite',
  'lock',
  '.revisions/2',
  'x'.repeat(64),
  'CON',
  'aux',
] as const;

const WHOLE = 'CC_O_20261121_000001';

/** A name that no camera gives: pieces that mean something to a file system, a shell, a URL or a regular expression, or a right name with one change. */
export function hostileName(random: Random): string {
  if (random.integer(0, 2) === 0) return changed(random);
  return Array.from({ length: random.integer(0, 6) }, () => random.pick(PIECES)).join('');
}

function changed(random: Random): string {
  const at = random.integer(0, WHOLE.length);
  const piece = random.pick(PIECES);
  return WHOLE.slice(0, at) + piece + WHOLE.slice(at + random.integer(0, 2));
}
