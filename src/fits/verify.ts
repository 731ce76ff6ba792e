import { ArchiverError, asArchiverError } from '../model/errors.js';
import type { Hdu } from './hdu.js';
import { type FitsFile, readFits } from './reader.js';
import { sidecarPath, verifySidecar } from './verify-sidecar.js';
import { verifyStructure } from './verify-structure.js';
import { type SumsReport, type Verifier, verifyCompressedImage, verifyStoredSums } from './verify-sums.js';

export type { Verifier } from './verify-sums.js';

/** What was proved of one file. It is sound when there are no problems. */
export interface FileReport {
  readonly path: string;
  /** Of the FITS file, uncompressed when it was gzipped. */
  readonly bytes: number;
  readonly hdus: number;
  /** HDUs whose CHECKSUM or DATASUM was there and agreed, and those that have neither. */
  readonly checksums: { readonly verified: number; readonly absent: number };
  /** Compressed images whose every pixel was decoded, and how many of them had ZDATASUM or ZHECKSUM that agreed. */
  readonly images: { readonly decoded: number; readonly pixels: number; readonly verified: number };
  readonly sidecar: 'agrees' | 'differs' | 'none';
  readonly problems: readonly ArchiverError[];
}

/**
 * Proves structure, sums and pixels of any FITS file, and that its sidecar, when there is one, repeats its primary header. Memory stays bounded
 * whatever the file says.
 * @param sidecar required: a file without sidecar has a problem, FILE_MISSING
 */
export function verifyFits(path: string, core: Verifier, sidecar: 'optional' | 'required' = 'optional'): FileReport {
  const report = new Report(path);
  let file: FitsFile | undefined;
  try {
    file = readFits(path);
    report.bytes = file.size;
    for (const hdu of file.hdus) verifyHdu(hdu, core, report);
    report.problems.push(...lostChecksums(file.hdus));
    verifyPrimary(file, sidecar, report);
  } catch (error) {
    report.problems.push(asArchiverError(error));
  } finally {
    file?.close();
  }
  return report;
}

class Report implements FileReport {
  bytes = 0;
  hdus = 0;
  checksums = { verified: 0, absent: 0 };
  images = { decoded: 0, pixels: 0, verified: 0 };
  sidecar: FileReport['sidecar'] = 'none';
  readonly problems: ArchiverError[] = [];

  constructor(readonly path: string) {}

  /** @returns whether any sum agreed and none did not */
  add(sums: SumsReport): boolean {
    this.problems.push(...sums.problems);
    return sums.problems.length === 0 && sums.verified.length > 0;
  }
}

function verifyHdu(hdu: Hdu, core: Verifier, report: Report): void {
  report.hdus++;
  report.problems.push(...verifyStructure(hdu));
  const sums = verifyStoredSums(hdu, core);
  if (report.add(sums)) report.checksums.verified++;
  if (sums.problems.length + sums.verified.length === 0) report.checksums.absent++;
  if (hdu.kind !== 'compressed-image') return;
  try {
    const image = verifyCompressedImage(hdu, core);
    report.images.decoded++;
    report.images.pixels += image.pixels;
    if (report.add(image.sums)) report.images.verified++;
  } catch (error) {
    // One damaged image does not keep the others from being looked at.
    report.problems.push(asArchiverError(error));
  }
}

/** Damage to the card CHECKSUM itself would hide all other damage to its HDU: where others have it, DATASUM does not stand alone. */
function lostChecksums(hdus: readonly Hdu[]): ArchiverError[] {
  const has = (hdu: Hdu, keyword: string) => (hdu.text(keyword) ?? '') !== '';
  if (!hdus.some((hdu) => has(hdu, 'CHECKSUM'))) return [];
  const lost = hdus.filter((hdu) => has(hdu, 'DATASUM') && !has(hdu, 'CHECKSUM'));
  return lost.map((hdu) => hdu.invalid('it has DATASUM but no CHECKSUM, unlike other HDUs'));
}

function verifyPrimary(file: FitsFile, sidecar: 'optional' | 'required', report: Report): void {
  const [primary] = file.hdus;
  if (primary === undefined) return;
  const problems = verifySidecar(primary);
  if (problems === undefined) {
    if (sidecar === 'required')
      report.problems.push(new ArchiverError('FILE_MISSING', { path: sidecarPath(file.path) }));
    return;
  }
  report.sidecar = problems.length === 0 ? 'agrees' : 'differs';
  report.problems.push(...problems);
}
