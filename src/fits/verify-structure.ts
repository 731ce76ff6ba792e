import type { ArchiverError } from '../model/errors.js';
import { type Hdu, padded } from './hdu.js';
import { CARD_BYTES } from './reader-card.js';

/** Bytes of one element of a binary-table column (FITS standard 7.3.1); X counts bits. */
const ELEMENT_BYTES: Readonly<Record<string, number>> = {
  L: 1,
  X: 1 / 8,
  B: 1,
  I: 2,
  J: 4,
  K: 8,
  A: 1,
  E: 4,
  D: 8,
  C: 8,
  M: 16,
  P: 8,
  Q: 16,
};
const ONCE = /^(SIMPLE|XTENSION|BITPIX|NAXIS\d*|PCOUNT|GCOUNT|TFIELDS)$/;

/** What the reader lets pass because it can read on: ill-formed cards, fill that is not fill, columns that do not add up. */
export function verifyStructure(hdu: Hdu): ArchiverError[] {
  return [...cardProblems(hdu), ...fillProblems(hdu), ...columnProblems(hdu)].map((problem) => hdu.invalid(problem));
}

function cardProblems(hdu: Hdu): string[] {
  const seen = new Set<string>();
  return hdu.cards.flatMap((card, n) => {
    if (card.problem !== undefined) return [`card ${n + 1} ${card.keyword}: ${card.problem}`];
    if (!ONCE.test(card.keyword)) return [];
    const again = seen.has(card.keyword);
    seen.add(card.keyword);
    return again ? [`card ${n + 1} ${card.keyword} stands there again`] : [];
  });
}

/** After END a header is blanks; after the data its last block is zeros, blanks in an ASCII table (FITS standard 3.3, 7.2.3). */
function fillProblems(hdu: Hdu): string[] {
  const problems: string[] = [];
  const afterEnd = hdu.headerBytes().subarray((hdu.cards.length + 1) * CARD_BYTES);
  if (!afterEnd.every((byte) => byte === 0x20)) problems.push('the header goes on after its END card');
  const fill = hdu.dataBytes(hdu.data.bytes, padded(hdu.data.bytes) - hdu.data.bytes);
  const expected = hdu.text('XTENSION') === 'TABLE' ? 0x20 : 0;
  if (!fill.every((byte) => byte === expected)) problems.push('the fill after its data is not all the same');
  return problems;
}

function columnProblems(hdu: Hdu): string[] {
  if (hdu.kind !== 'bintable' && hdu.kind !== 'compressed-image') return [];
  const fields = hdu.integer('TFIELDS');
  let width = 0;
  for (let field = 1; field <= fields; field++) {
    const form = /^(\d*)([LXBIJKAEDCMPQ])/.exec(hdu.text(`TFORM${field}`) ?? '');
    if (form === null) return [`TFORM${field} is no column format`];
    width += Math.ceil((form[1] === '' ? 1 : Number(form[1])) * (ELEMENT_BYTES[form[2] ?? ''] ?? 0));
  }
  const rowBytes = hdu.integer('NAXIS1');
  return width === rowBytes ? [] : [`its columns have ${width} bytes, its rows ${rowBytes}`];
}
