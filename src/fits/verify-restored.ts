import { type Hdu, padded } from './hdu.js';
import { CARD_BYTES } from './reader-card.js';

/** Keywords of a compressed image's table that stand for those of the image itself (FITS standard 10.1.2 and 10.1.3). */
const RENAMED: Readonly<Record<string, string>> = {
  ZTENSION: 'XTENSION',
  ZSIMPLE: 'SIMPLE',
  ZBITPIX: 'BITPIX',
  ZNAXIS: 'NAXIS',
  ZPCOUNT: 'PCOUNT',
  ZGCOUNT: 'GCOUNT',
  ZEXTEND: 'EXTEND',
  ZBLOCKED: 'BLOCKED',
  ZHECKSUM: 'CHECKSUM',
  ZDATASUM: 'DATASUM',
};

/** Keywords of the table itself and of the compression, which the image does not have. */
const OF_THE_TABLE = new RegExp(
  '^(XTENSION|BITPIX|NAXIS[12]?|PCOUNT|GCOUNT|TFIELDS|T(TYPE|FORM|UNIT|DISP|NULL|SCAL|ZERO)\\d+|THEAP|CHECKSUM|DATASUM|' +
    'ZIMAGE|ZTILE\\d+|ZCMPTYPE|ZNAME\\d+|ZVAL\\d+|ZMASKCMP|ZQUANTIZ|ZDITHER0|ZBLANK|ZSCALE|ZZERO)$',
);

/**
 * The header of the image that a compressed HDU stands for, with END and fill: what a decompressor writes, but for the order of the cards, which
 * does not change their sum.
 * @returns undefined when the table does not say how the image's header began
 */
export function restoredHeader(hdu: Hdu): Uint8Array | undefined {
  if (hdu.card('ZTENSION') === undefined && hdu.card('ZSIMPLE') === undefined) return undefined;
  const cards = hdu.cards.flatMap((card) => {
    const axis = /^ZNAXIS(\d+)$/.exec(card.keyword);
    const renamed = axis === null ? RENAMED[card.keyword] : `NAXIS${axis[1]}`;
    if (renamed !== undefined) return [renamed.padEnd(8) + card.text.slice(8)];
    if (OF_THE_TABLE.test(card.keyword)) return [];
    // The name that compressors give a table whose image had none.
    if (card.keyword === 'EXTNAME' && card.value === 'COMPRESSED_IMAGE') return [];
    return [card.text];
  });
  const text = [...cards, 'END'.padEnd(CARD_BYTES)].join('');
  return Buffer.from(text.padEnd(padded(text.length)), 'latin1');
}
