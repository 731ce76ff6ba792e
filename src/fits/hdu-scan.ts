import { ArchiverError } from '../model/errors.js';
import { BLOCK_BYTES, type ByteSource, Hdu, padded } from './hdu.js';
import { CARD_BYTES, parseCard } from './reader-card.js';

/** Headers of one file together; a camera file has 300 KB of them. Bounds what a hostile file can make us hold. */
const MAX_HEADER_BYTES = 16 * 1024 * 1024;
const MAX_AXES = 999;
const BITPIX = [8, 16, 32, 64, -32, -64];

/**
 * Finds every HDU of a file, reading headers only. The mandatory cards must stand in the order of FITS standard 4.4.1,
 * and every size that the file claims must lie within it.
 * @throws ArchiverError FITS_INVALID
 */
export function scanHdus(source: ByteSource): Hdu[] {
  if (source.size === 0) throw invalid(source, 'it is empty');
  const hdus: Hdu[] = [];
  let headerBytes = 0;
  for (let offset = 0; offset < source.size; ) {
    const hdu = scanHdu(source, hdus.length, offset, MAX_HEADER_BYTES - headerBytes);
    headerBytes += hdu.header.bytes;
    offset = hdu.data.offset + padded(hdu.data.bytes);
    hdus.push(hdu);
  }
  return hdus;
}

function scanHdu(source: ByteSource, index: number, offset: number, headerLimit: number): Hdu {
  const fail = (problem: string) => invalid(source, `HDU ${index}: ${problem}`);
  const texts = headerCards(source, index, offset, headerLimit);
  const header = { offset, bytes: padded((texts.length + 1) * CARD_BYTES) };
  const bytes = dataSize(texts, index, fail);
  const data = { offset: offset + header.bytes, bytes };
  if (data.offset + padded(bytes) > source.size) {
    throw fail(`${bytes} bytes of data and their fill end beyond the file's ${source.size} bytes; it was cut short`);
  }
  return new Hdu(source, index, header, data, texts);
}

/** The cards before END, block by block. */
function headerCards(source: ByteSource, index: number, offset: number, limit: number): string[] {
  const fail = (problem: string) => invalid(source, `HDU ${index}: ${problem}`);
  const begin = source.read(offset, Math.min(BLOCK_BYTES, source.size - offset));
  checkBegin(latin1(begin), index, fail);
  const texts: string[] = [];
  for (let at = offset; at + BLOCK_BYTES <= source.size && at - offset < limit; at += BLOCK_BYTES) {
    const block = latin1(source.read(at, BLOCK_BYTES));
    for (let column = 0; column < BLOCK_BYTES; column += CARD_BYTES) {
      const text = block.slice(column, column + CARD_BYTES);
      if (text.trimEnd() === 'END') return texts;
      texts.push(text);
    }
  }
  throw fail(`no END card within ${texts.length} cards`);
}

function checkBegin(block: string, index: number, fail: (problem: string) => ArchiverError): void {
  if (index === 0 && !block.startsWith('SIMPLE  =')) throw fail('it does not begin with SIMPLE');
  if (index > 0 && !block.startsWith('XTENSION=')) throw fail('the bytes after the HDU before it begin no extension');
}

/** Bytes of the data unit by FITS standard 4.4.1.1, 6 and 7.1; every mandatory card is checked in its place. */
function dataSize(texts: readonly string[], index: number, fail: (problem: string) => ArchiverError): number {
  let at = 0;
  const next = (keyword: string) => {
    const card = parseCard(texts[at++] ?? '');
    if (card.keyword !== keyword) throw fail(`card ${at} must be ${keyword}, it is "${card.text.slice(0, 20)}"`);
    if (card.problem !== undefined) throw fail(`card ${keyword}: ${card.problem}`);
    return card.value;
  };
  const count = (keyword: string, most = Number.MAX_SAFE_INTEGER) => {
    const value = next(keyword);
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most) return value;
    throw fail(`${keyword} must be an integer of 0 to ${most}, it is ${value}`);
  };

  const type = index === 0 ? primaryType(next('SIMPLE'), fail) : String(next('XTENSION'));
  const bitpix = next('BITPIX');
  if (typeof bitpix !== 'number' || !BITPIX.includes(bitpix))
    throw fail(`BITPIX ${bitpix} is none of ${BITPIX.join(', ')}`);
  const axes = Array.from({ length: count('NAXIS', MAX_AXES) }, (_, n) => count(`NAXIS${n + 1}`));
  if (index === 0 && axes[0] !== 0) return (product(axes) * Math.abs(bitpix)) / 8;
  const [pcount, gcount] = index === 0 ? groups(texts, fail) : [count('PCOUNT'), count('GCOUNT')];
  if (type === 'IMAGE' && (pcount !== 0 || gcount !== 1)) throw fail('an image has PCOUNT 0 and GCOUNT 1');
  if (type === 'BINTABLE') {
    if (bitpix !== 8 || axes.length !== 2 || gcount !== 1) throw fail('a table has BITPIX 8, NAXIS 2 and GCOUNT 1');
    count('TFIELDS', 999);
  }
  // In random groups (index 0 here) NAXIS1 = 0 is no axis.
  const elements = product(index === 0 ? axes.slice(1) : axes);
  return (gcount * (pcount + elements) * Math.abs(bitpix)) / 8;
}

function primaryType(simple: unknown, fail: (problem: string) => ArchiverError): string {
  if (simple !== true) throw fail('SIMPLE is not T: the file says that it is no standard FITS');
  return 'PRIMARY';
}

/** PCOUNT and GCOUNT of random groups (FITS standard 6); an ordinary primary HDU whose NAXIS1 is 0 holds no data. */
function groups(texts: readonly string[], fail: (problem: string) => ArchiverError): readonly [number, number] {
  const find = (keyword: string) => texts.map(parseCard).find((card) => card.keyword === keyword)?.value;
  if (find('GROUPS') !== true) return [0, 0];
  const [pcount, gcount] = [find('PCOUNT') ?? 0, find('GCOUNT') ?? 1];
  if (Number.isSafeInteger(pcount) && Number.isSafeInteger(gcount) && Number(pcount) >= 0 && Number(gcount) >= 0) {
    return [Number(pcount), Number(gcount)];
  }
  throw fail('PCOUNT and GCOUNT of random groups must be counts');
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

/** Beyond the safe integers a product is only larger than any file, and is refused as such. */
function product(axes: readonly number[]): number {
  return axes.length === 0 ? 0 : axes.reduce((all, axis) => all * axis, 1);
}

function invalid(source: ByteSource, problem: string): ArchiverError {
  return new ArchiverError('FITS_INVALID', { path: source.path, problem });
}
