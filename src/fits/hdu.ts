import { ArchiverError } from '../model/errors.js';
import { type CardValue, type ParsedCard, parseCards } from './reader-card.js';

/** FITS files are made of blocks of this size (FITS standard 3.1). */
export const BLOCK_BYTES = 2880;

/** Where a file's bytes come from: ranges of an open file, or a buffer. Reading beyond `size` is a defect of the caller. */
export interface ByteSource {
  readonly path: string;
  readonly size: number;
  read(offset: number, bytes: number): Uint8Array;
  close(): void;
}

export interface ByteRange {
  readonly offset: number;
  readonly bytes: number;
}

/** compressed-image: an image in a binary table (FITS standard 10.1). other: ASCII tables and extensions that are not in the standard. */
export type HduKind = 'primary' | 'image' | 'bintable' | 'compressed-image' | 'other';

/** Size of a header or data unit with its fill. */
export function padded(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
}

/** One header and data unit. Its sizes were checked against the file before it was made. */
export class Hdu {
  readonly kind: HduKind;
  /** In file order, without END. */
  readonly cards: readonly ParsedCard[];
  readonly extname: string | undefined;
  private readonly byKeyword = new Map<string, ParsedCard>();

  /**
   * @param header blocks up to the one that holds END
   * @param data the data unit without its fill
   */
  constructor(
    readonly source: ByteSource,
    readonly index: number,
    readonly header: ByteRange,
    readonly data: ByteRange,
    cardTexts: readonly string[],
  ) {
    this.cards = parseCards(cardTexts);
    for (const card of this.cards) if (!this.byKeyword.has(card.keyword)) this.byKeyword.set(card.keyword, card);
    this.kind = this.kindOf();
    this.extname = this.text('EXTNAME');
  }

  /** First card of that keyword. HIERARCH keywords are given without the word HIERARCH. */
  card(keyword: string): ParsedCard | undefined {
    return this.byKeyword.get(keyword);
  }

  /**
   * Value of the first card of that keyword: undefined when there is none, null when it has no value.
   * @throws ArchiverError FITS_INVALID when the card is ill-formed
   */
  value(keyword: string): CardValue | undefined {
    const card = this.byKeyword.get(keyword);
    if (card?.problem !== undefined) throw this.invalid(`card ${keyword}: ${card.problem}`);
    return card?.value;
  }

  /** String value, or undefined when the keyword is absent, without value or of another type. */
  text(keyword: string): string | undefined {
    const value = this.byKeyword.get(keyword)?.value;
    return typeof value === 'string' ? value : undefined;
  }

  /** @throws ArchiverError FITS_INVALID when the value is no integer of at least `least`, unless it is absent and there is a default. */
  integer(keyword: string, least = 0, absent?: number): number {
    const value = this.value(keyword);
    if (value === undefined && absent !== undefined) return absent;
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least) {
      throw this.invalid(`${keyword} must be an integer of at least ${least}, it is ${value ?? 'not there'}`);
    }
    return value;
  }

  headerBytes(): Uint8Array {
    return this.source.read(this.header.offset, this.header.bytes);
  }

  /** Part of the data unit; up to and with the fill may be read. */
  dataBytes(offset = 0, bytes = this.data.bytes - offset): Uint8Array {
    if (offset < 0 || bytes < 0 || offset + bytes > padded(this.data.bytes)) {
      throw this.invalid(`bytes ${offset}+${bytes} are outside its data unit`);
    }
    return this.source.read(this.data.offset + offset, bytes);
  }

  /** An error about this HDU, to be thrown by the caller. */
  invalid(problem: string): ArchiverError {
    return new ArchiverError('FITS_INVALID', { path: this.source.path, problem: `HDU ${this.index}: ${problem}` });
  }

  private kindOf(): HduKind {
    if (this.index === 0) return 'primary';
    const type = this.text('XTENSION');
    if (type === 'IMAGE') return 'image';
    if (type !== 'BINTABLE') return 'other';
    return this.byKeyword.get('ZIMAGE')?.value === true ? 'compressed-image' : 'bintable';
  }
}
