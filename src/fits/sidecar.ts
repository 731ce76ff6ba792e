import { type CardValue, fittingString, javaDouble } from './card.js';
import type { Entry, Line } from './lines.js';

/**
 * The JSON file beside a FITS file: its primary header as one flat object, HIERARCH keywords with dots, null where a
 * keyword has no value. Reals keep their decimal point, so that readers which tell 30 from 30.0 see the header's
 * types. LSST_NUM without value is left out here too.
 */
export function sidecarOf(lines: readonly Line[], omitted: readonly string[]): Uint8Array {
  const entries = lines.filter((line): line is Entry => 'keyword' in line);
  const members = [
    member('__CONTENT__', '"metadata"'),
    ...entries.map((entry) => member(sidecarKey(entry.keyword), jsonValue(entry.type, entry.value))),
    ...omitted.filter((keyword) => keyword !== 'LSST_NUM').map((keyword) => member(keyword, 'null')),
  ];
  return Buffer.from(`{\n${members.join(',\n')}\n}\n`, 'utf8');
}

const member = (key: string, value: string): string => `  ${JSON.stringify(key)} : ${value}`;

function sidecarKey(keyword: string): string {
  const isPlain = keyword.length <= 8 && !keyword.includes(' ');
  return isPlain ? keyword : `HIERARCH.${keyword.replaceAll(' ', '.')}`;
}

/** As the card shows it: cut where the card cuts it, '?' for what is no ASCII. */
function jsonValue(type: Entry['type'], value: CardValue): string {
  if (type === 'R' && typeof value === 'number') return javaDouble(value);
  if (typeof value !== 'string') return JSON.stringify(value);
  return JSON.stringify(fittingString(value.replace(/[^ -~]/gu, '?')).trimEnd());
}
