import { renameSync, rmSync, writeFileSync } from 'node:fs';
import sharp from 'sharp';
import { writeFailure } from '../model/write-failure.js';
import type { Picture } from './draw.js';

/** A picture as PNG, 8-bit grey. */
export async function encodePng(picture: Pick<Picture, 'width' | 'height' | 'pixels'>): Promise<Buffer> {
  const { width, height, pixels } = picture;
  return sharp(pixels, { raw: { width, height, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toBuffer();
}

/** The file appears under its name whole or not at all. @throws ArchiverError FOLDER_UNWRITABLE, DISK_FULL, WRITE_FAILED */
export function writePng(path: string, png: Uint8Array): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, png);
    renameSync(temporary, path);
  } catch (error) {
    removeIfThere(temporary);
    throw writeFailure(error, path);
  }
}

/** Where nothing can be written nothing can be removed either, and nothing is there. */
function removeIfThere(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    return;
  }
}
