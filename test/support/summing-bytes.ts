import { randomBytes } from 'node:crypto';
import { loadNative } from '../../src/native/binding.js';

/** Random bytes, whole words, that sum to -0, as every FITS file with right checksums does. */
export function summingBytes(length: number): Buffer {
  const bytes = randomBytes(length);
  const others = loadNative().dataSum(bytes.subarray(0, -4));
  bytes.writeUInt32BE(~others >>> 0, length - 4);
  return bytes;
}
