import { type CardType, type CardValue, fittingString, javaDouble } from './card.js';
import { isHeading, type Line } from './lines.js';

/**
 * The JSON file beside a FITS file: its primary header as one flat object, HIERARCH keywords with dots, null where a
 * keyword has no value. Reals keep their decimal point, so that readers which tell 30 from 30.0 see the header's
 * types. LSST_NUM without value is left out here too.
 */
export function sidecarOf(lines: readonly Line[], omitted: readonly string[]): Uint8Array {
  const members = ['  "__CONTENT__" : "metadata"'];
  for (const line of lines) {
    if (!isHeading(line)) members.push(member(line.form.keyword, jsonValue(line.form.type, line.value)));
  }
  for (const keyword of omitted) if (keyword !== 'LSST_NUM') members.push(`  "${keyword}" : null`);
  return Buffer.from(`{\n${members.join(',\n')}\n}\n`, 'utf8');
}

/** Nothing in a FITS keyword needs an escape. */
function member(keyword: string, value: string): string {
  const isPlain = keyword.length <= 8 && !keyword.includes(' ');
  return `  "${isPlain ? keyword : `HIERARCH.${keyword.replaceAll(' ', '.')}`}" : ${value}`;
}

/** As the card shows it: cut where the card cuts it, '?' for what is no ASCII. */
function jsonValue(type: CardType, value: CardValue): string {
  if (type === 'R' && typeof value === 'number') return javaDouble(value);
  if (typeof value !== 'string') return JSON.stringify(value);
  return JSON.stringify(fittingString(value.replace(/[^ -~]/gu, '?')).trimEnd());
}
