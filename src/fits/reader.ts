import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { constants, gunzipSync } from 'node:zlib';
import { ArchiverError } from '../model/errors.js';
import { readFailure } from '../model/read-failure.js';
import type { ByteSource, Hdu } from './hdu.js';
import { scanHdus } from './hdu-scan.js';

/** A gzipped file may hold this much; a CCD of the camera has 76 MB uncompressed. */
const MAX_GUNZIPPED_BYTES = 256 * 1024 * 1024;
/** Enough compressed bytes to see the first card, whatever their ratio. */
const SNIFFED_BYTES = 4096;

/** An open FITS file. Close it when done; its HDUs cannot be read afterwards. */
export interface FitsFile {
  readonly path: string;
  /** Bytes of the FITS file, uncompressed when it was gzipped. */
  readonly size: number;
  readonly hdus: readonly Hdu[];
  close(): void;
}

/**
 * Opens a FITS file and lists its HDUs. Only headers are read, unless the file is gzipped (told by its first bytes, never by its name).
 * @throws ArchiverError FILE_MISSING, FILE_UNREADABLE, FITS_INVALID
 */
export function readFits(path: string): FitsFile {
  const source = openSource(path);
  try {
    return fitsOf(source);
  } catch (error) {
    source.close();
    throw error;
  }
}

/** The same for bytes in memory, plain or gzipped; `name` is used in messages only. The bytes must not change while the file is in use. */
export function readFitsBytes(name: string, bytes: Uint8Array): FitsFile {
  return fitsOf(memorySource(name, isGzip(bytes) ? gunzip(name, bytes) : bytes));
}

function fitsOf(source: ByteSource): FitsFile {
  return { path: source.path, size: source.size, hdus: scanHdus(source), close: () => source.close() };
}

function openSource(path: string): ByteSource {
  const descriptor = openFile(path);
  const { size } = fstatSync(descriptor);
  const source: ByteSource = {
    path,
    size,
    read: (offset, bytes) => readRange(descriptor, path, offset, bytes),
    close: () => closeSync(descriptor),
  };
  try {
    if (!isGzip(source.read(0, Math.min(2, size)))) return source;
    if (size > MAX_GUNZIPPED_BYTES) throw invalid(path, `${size} gzipped bytes are too many`);
    const bytes = gunzip(path, source.read(0, size));
    source.close();
    return memorySource(path, bytes);
  } catch (error) {
    source.close();
    throw error;
  }
}

function openFile(path: string): number {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    throw readFailure(error, path);
  }
  if (fstatSync(descriptor).isFile()) return descriptor;
  closeSync(descriptor);
  throw new ArchiverError('FILE_UNREADABLE', { path, reason: 'it is no regular file' });
}

/** Exactly `bytes` bytes; the callers ask for nothing beyond the size that the file had when it was opened. */
function readRange(descriptor: number, path: string, offset: number, bytes: number): Uint8Array {
  const buffer = Buffer.allocUnsafeSlow(bytes);
  try {
    for (let done = 0; done < bytes; ) {
      const read = readSync(descriptor, buffer, done, bytes - done, offset + done);
      if (read === 0)
        throw new ArchiverError('FILE_UNREADABLE', { path, reason: 'it became shorter while it was read' });
      done += read;
    }
  } catch (error) {
    throw readFailure(error, path);
  }
  return buffer;
}

function memorySource(path: string, bytes: Uint8Array): ByteSource {
  return { path, size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length), close() {} };
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** The first card is looked at before the rest is unpacked, so that a gzip bomb that holds no FITS costs next to nothing. */
function gunzip(path: string, bytes: Uint8Array): Uint8Array {
  try {
    const begin = gunzipSync(bytes.subarray(0, SNIFFED_BYTES), { finishFlush: constants.Z_SYNC_FLUSH });
    if (!begin.subarray(0, 9).equals(Buffer.from('SIMPLE  ='))) throw invalid(path, 'gzipped, but not FITS');
    return gunzipSync(bytes, { maxOutputLength: MAX_GUNZIPPED_BYTES });
  } catch (error) {
    if (error instanceof ArchiverError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    const tooLarge = code === 'ERR_BUFFER_TOO_LARGE';
    const problem = tooLarge
      ? `it unpacks to more than ${MAX_GUNZIPPED_BYTES} bytes`
      : `its gzip is damaged (${message})`;
    throw invalid(path, problem);
  }
}

function invalid(path: string, problem: string): ArchiverError {
  return new ArchiverError('FITS_INVALID', { path, problem });
}
