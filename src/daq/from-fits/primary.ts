import type { Hdu } from '../../fits/hdu.js';
import type { FitsFile } from '../../fits/reader.js';

/** Cards of a file's primary header, by type; a card of another type, or without a value, counts as absent. */
export class PrimaryCards {
  private readonly hdu: Hdu | undefined;

  constructor(file: FitsFile) {
    this.hdu = file.hdus[0];
  }

  value(keyword: string): string | number | boolean | undefined {
    return this.hdu?.card(keyword)?.value ?? undefined;
  }

  /** Without blanks around it; an empty text counts as absent. Numbers are given as text. */
  text(keyword: string): string | undefined {
    const value = this.value(keyword);
    const text = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
    return text === '' ? undefined : text;
  }

  integer(keyword: string): number | undefined {
    const value = this.value(keyword);
    return Number.isSafeInteger(value) ? (value as number) : undefined;
  }
}
