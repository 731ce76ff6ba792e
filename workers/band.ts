import type { BandTask } from '../src/assemble/jobs.js';
import { errorsAsData } from '../src/assemble/task.js';
import { openDaq } from '../src/compose.js';
import type { DaqSource } from '../src/daq/port.js';
import { loadNative } from '../src/native/binding.js';

const native = loadNative();
/** One connection to each DAQ for the life of this thread. */
const sources = new Map<string, Promise<DaqSource>>();
/** Band buffers of this thread in pooled memory, as many as it has had bands under way at once: taken once, then filled again and again. */
const idle: Uint8Array[] = [];

/** Pulls a band's bytes and compresses them into the image's native source. @returns the CRC-32 of the bytes. */
async function pullBand(task: BandTask): Promise<number> {
  const source = await connection(task);
  const { band, tag, location } = task;
  const range = { tag, location, offset: band.offset, length: band.length };
  const rows = { first: band.firstRow, count: band.rowCount };
  if (source.lend !== undefined) return native.band(task.handle, rows, source.lend(range));
  let buffer = idle.pop();
  if (buffer === undefined || buffer.length < band.length) buffer = native.inputBuffer(band.length);
  try {
    const packed = buffer.subarray(0, band.length);
    await source.read(range, packed);
    return native.band(task.handle, rows, packed);
  } finally {
    idle.push(buffer);
  }
}

export default errorsAsData(pullBand);

function connection(task: BandTask): Promise<DaqSource> {
  const key = JSON.stringify(task.daq);
  const open = sources.get(key) ?? openDaq(task.daq, native.crc32);
  sources.set(key, open);
  open.catch(() => sources.delete(key));
  return open;
}
