import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { fileError } from '../capture/files.js';
import { DATA_PREFIX_BYTES, FRAME, HEADER_BYTES, putHeader } from '../wire/frame.js';
import type { LiveSource } from './live-image.js';
import { CHUNK_BYTES, type Outbox } from './outbox.js';

interface Range {
  readonly request: number;
  readonly offset: number;
  readonly length: number;
}

const PIXELS_AT = HEADER_BYTES + DATA_PREFIX_BYTES;

/**
 * Answers a READ with DATA frames straight from the file.
 * @returns false when the connection is gone, or is to be cut by the fault script
 */
export async function sendRange(outbox: Outbox, source: LiveSource, range: Range): Promise<boolean> {
  const wait = source.faults.use('delay', () => true);
  if (wait !== undefined) await delay(wait.ms);
  const file = await openFile(source.path);
  try {
    const end = range.offset + range.length;
    for (let offset = range.offset; offset < end; ) {
      const length = Math.min(CHUNK_BYTES, end - offset);
      if (source.faults.use('disconnect', ({ at }) => at >= offset && at < offset + length) !== undefined) return false;
      const buffer = await outbox.buffer();
      if (buffer === undefined) return false;
      try {
        await fill(file, source.path, buffer.subarray(PIXELS_AT, PIXELS_AT + length), offset);
      } catch (error) {
        outbox.release(buffer);
        throw error;
      }
      seal(buffer, source, { request: range.request, offset, length });
      outbox.sendPooled(buffer, PIXELS_AT + length);
      offset += length;
    }
    return true;
  } finally {
    await file.close();
  }
}

/** Writes the frame header and the prefix in front of the pixels. */
function seal(buffer: Buffer, source: LiveSource, { request, offset, length }: Range): void {
  const fault = source.faults.use('corrupt', ({ at }) => at >= offset && at < offset + length);
  const flip = () => {
    if (fault !== undefined)
      buffer[PIXELS_AT + fault.at - offset] = (buffer[PIXELS_AT + fault.at - offset] ?? 0) ^ 0x01;
  };
  if (fault?.stored === true) flip();
  buffer.writeUInt32LE(request, HEADER_BYTES);
  buffer.writeUInt32LE(0, HEADER_BYTES + 4);
  buffer.writeBigUInt64LE(BigInt(offset), HEADER_BYTES + 8);
  const payload = buffer.subarray(HEADER_BYTES, PIXELS_AT + length);
  putHeader(buffer, { type: FRAME.DATA, flags: 0, length: payload.length, crc32: crc32(payload) });
  if (fault?.stored === false) flip();
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    throw fileError(path, error);
  }
}

async function fill(file: FileHandle, path: string, into: Buffer, offset: number): Promise<void> {
  for (let done = 0; done < into.length; ) {
    const { bytesRead } = await file.read(into, done, into.length - done, offset + done);
    if (bytesRead === 0) throw fileError(path, new Error('it became shorter while it was read'));
    done += bytesRead;
  }
}
