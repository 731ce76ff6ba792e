import { renameSync, rmSync, writeFileSync } from 'node:fs';
import sharp from 'sharp';
import { ArchiverError } from '../model/errors.js';
import type { Picture } from './draw.js';

/** A picture as PNG, 8-bit grey. */
export async function encodePng(picture: Pick<Picture, 'width' | 'height' | 'pixels'>): Promise<Buffer> {
  const { width, height, pixels } = picture;
  return sharp(pixels, { raw: { width, height, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toBuffer();
}

/** The file appears under its name whole or not at all. @throws ArchiverError WRITE_FAILED */
export function writePng(path: string, png: Uint8Array): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, png);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new ArchiverError('WRITE_FAILED', { path, reason }, { cause: error });
  }
}
