import { type FileHandle, open } from 'node:fs/promises';
import { sourceLayout } from '../../camera/geometry.js';
import type { Camera } from '../../camera/types.js';
import type { StoredImage } from '../../fits/pixels.js';
import { ArchiverError } from '../../model/errors.js';
import type { NativeCore } from '../../native/contract.js';
import type { SourceLayout } from '../../native/layout.js';
import { writeError } from '../capture/writer.js';

/** Rows that are packed at once: 16 MB of pixels of a CCD. */
const BAND_ROWS = 128;

/** One CCD of a source and its segments in FITS order; without them its pixels are zero. */
export interface CcdImages {
  readonly path: string;
  readonly segments: readonly StoredImage[] | null;
}

/**
 * Writes a source's packed words: the inverse of what a readout goes through on its way to FITS. @returns their length and CRC-32.
 * @throws FITS_INVALID for a pixel that 18 bits cannot hold, FOLDER_UNWRITABLE, DISK_FULL
 */
export async function packSource(
  native: NativeCore,
  target: { readonly camera: Camera; readonly location: string; readonly path: string },
  ccds: readonly CcdImages[],
): Promise<{ readonly bytes: number; readonly crc32: number }> {
  const layout = sourceLayout(target.camera, target.location);
  const rows = bandRows(layout, ccds);
  let file: FileHandle | undefined;
  let sum = 0;
  let bytes = 0;
  try {
    file = await open(target.path, 'r+');
    for (let first = 0; first < layout.rows; first += rows) {
      const packed = packBand(native, layout, ccds, { first, count: Math.min(rows, layout.rows - first) });
      await file.writeFile(packed);
      sum = native.crc32(packed, sum);
      bytes += packed.length;
    }
  } catch (error) {
    throw error instanceof ArchiverError || !isSystemError(error) ? error : writeError(target.path, error);
  } finally {
    await file?.close();
  }
  return { bytes, crc32: sum };
}

/** Whole tiles of every image, so that each is decoded once. */
function bandRows({ columns, rows }: SourceLayout, ccds: readonly CcdImages[]): number {
  const aligned = ccds.every(({ segments }) =>
    (segments ?? []).every(({ step }) => (BAND_ROWS * columns) % step === 0),
  );
  return aligned ? BAND_ROWS : rows;
}

function packBand(
  native: NativeCore,
  layout: SourceLayout,
  ccds: readonly CcdImages[],
  rows: { readonly first: number; readonly count: number },
): Uint8Array {
  const pixels = ccds.map(({ segments }, ccd) =>
    segments === null
      ? (layout.ccds[ccd]?.channels ?? []).map(() => null)
      : segments.map((image) => decodeRows(image, layout.columns, rows)),
  );
  const packed = new Uint8Array(rows.count * layout.columns * layout.groups * 36);
  native.packRows(layout, rows.count, pixels, packed);
  ccds.forEach(({ path }, ccd) => {
    checkRestored(native, layout, rows.count, packed, ccd, pixels[ccd] ?? [], path);
  });
  return packed;
}

function decodeRows(image: StoredImage, columns: number, rows: { first: number; count: number }): Int32Array {
  const out = new Int32Array(rows.count * columns);
  image.decode(rows.first * columns, out);
  return out;
}

/** Packing keeps 18 bits: what does not come back as it was cannot be a DAQ value. */
function checkRestored(
  native: NativeCore,
  layout: SourceLayout,
  rowCount: number,
  packed: Uint8Array,
  ccd: number,
  pixels: readonly (Int32Array | null)[],
  path: string,
): void {
  if (pixels.every((plane) => plane === null)) return;
  const restored = pixels.map(() => new Int32Array(rowCount * layout.columns));
  native.unpackRows(layout, rowCount, packed, ccd, restored);
  pixels.forEach((plane, segment) => {
    const back = restored[segment];
    if (plane === null || back === undefined || bytesOf(plane).equals(bytesOf(back))) return;
    const problem = `segment ${segment + 1} has pixels outside 0 to 262143, which the DAQ's 18 bits cannot hold`;
    throw new ArchiverError('FITS_INVALID', { path, problem });
  });
}

function bytesOf(pixels: Int32Array): Buffer {
  return Buffer.from(pixels.buffer, pixels.byteOffset, pixels.byteLength);
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
