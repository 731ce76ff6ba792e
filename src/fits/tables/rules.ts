/** Whether a keyword is one of these blank-separated names and patterns. */
function anyOf(...lists: string[]): (keyword: string) => boolean {
  const words = lists.join(' ').split(' ');
  const isName = (word: string) => /^[A-Z0-9_-]+$/.test(word);
  const names = new Set(words.filter(isName));
  const patterns = new RegExp(`^(?:${words.filter((word) => !isName(word)).join('|')})$`);
  return (keyword) => names.has(keyword) || patterns.test(keyword);
}

/**
 * Keywords that only the writer of a file may set: its structure, its compression, its sums, and this program's own
 * marks.
 */
const isStructure = anyOf(
  String.raw`SIMPLE BITPIX NAXIS\d* EXTEND XTENSION PCOUNT GCOUNT GROUPS BLOCKED INHERIT EXTNAME EXTVER EXTLEVEL BSCALE BZERO`,
  String.raw`BLANK CHECKSUM DATASUM LONGSTRN TFIELDS THEAP T(?:TYPE|FORM|UNIT|NULL|SCAL|ZERO|DISP|DIM|BCOL)\d+ HDRSTAT`,
  'XTALK.*',
);
const isCompression = anyOf(
  String.raw`ZIMAGE ZTENSION ZSIMPLE ZEXTEND ZBLOCKED ZBITPIX ZNAXIS\d* ZPCOUNT ZGCOUNT ZTILE\d+ ZTILELEN ZCMPTYPE ZNAME\d+`,
  String.raw`ZVAL\d+ ZMASKCMP ZQUANTIZ ZDITHER0 ZSCALE ZZERO ZBLANK ZHECKSUM ZDATASUM ZTABLE ZCTYP\d+ ZFORM\d+ ZTHEAP`,
);

/** Structure that every section of a package repeats; it needs no mention when it is passed over. */
export const isStructural = anyOf(String.raw`SIMPLE BITPIX NAXIS\d? EXTEND XTENSION PCOUNT GCOUNT INHERIT EXTNAME`);

/** Where pixels lie: boxes, overscan widths, transformations, and world coordinates of any letter. */
export const isGeometry = anyOf(
  String.raw`DETSIZE DETSEC DATASEC BIASSEC TRIMSEC AMPSEC CCDSEC CCDSUM CHANNEL OVERH OVERV PREH PREV DT[VM]\d(?:_\d)?`,
  String.raw`LT[VM]\d(?:_\d)? WCSAXES[A-Z]? WCSNAME[A-Z]? C(?:TYPE|UNIT|RVAL|RPIX|DELT|ROTA|RDER|SYER)\d+[A-Z]?`,
  String.raw`(?:PC|CD|PV|PS)\d+_\d+[A-Z]? L(?:ON|AT)POLE[A-Z]?`,
);

/**
 * Keywords that have no card where others stand undefined: those that the FITS standard reserves and types (4.4.2, 8,
 * 9), since a card of them without a value is an error to readers, and LSST_NUM because obs_lsst fails on an undefined
 * one and does well without.
 */
export const mayNotBeUndefined = anyOf(
  'DATE.* MJD-.* MJDREF.* OBSGEO-.* OBJECT RADESYS[A-Z]? RADECSYS EQUINOX[A-Z]? EPOCH TELESCOP INSTRUME OBSERVER',
  'ORIGIN AUTHOR REFERENC TIMESYS TREFPOS TREFDIR TIMEUNIT PLEPHEM TSTART TSTOP TELAPSE XPOSURE [JB]EPOCH BUNIT',
  'DATAM(?:AX|IN) LSST_NUM',
);

/** Spellings of earlier years and the keyword that they became. */
export const RENAMED: readonly (readonly [former: string, current: string])[] = [
  ['TELCODE', 'CAMCODE'],
  ['DAQANNOT', 'OBSANNOT'],
];

export const isForbidden = (keyword: string): boolean => isStructure(keyword) || isCompression(keyword);
