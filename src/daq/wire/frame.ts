import { crc32 } from 'node:zlib';
import { ArchiverError } from '../../model/errors.js';

/** The protocol version of HELLO. Another one is refused. */
export const PROTOCOL_VERSION = 1;
export const HEADER_BYTES = 16;
/** Largest payload of any frame. */
export const MAX_PAYLOAD = 4 * 1024 * 1024;
/** A DATA payload begins with request u32, reserved u32, offset u64. */
export const DATA_PREFIX_BYTES = 16;
/** The DAQ announces landed bytes in steps of one page (three pagelets of 127 sectors of 512 bytes). */
export const PAGE_BYTES = 195_072;

/** Frame types: requests below 64, replies and notices above. */
export const FRAME = {
  HELLO: 1,
  LIST: 2,
  SUBSCRIBE: 3,
  SOURCES: 4,
  READ: 5,
  HELLO_REPLY: 65,
  IMAGE: 66,
  SOURCE: 67,
  LANDED: 68,
  DATA: 69,
  ERROR: 70,
  EVENT: 71,
  END: 72,
} as const;

/** Flag of IMAGE and SOURCE frames that belong to the answer of a request; without it an IMAGE frame is a notice. */
export const FLAG_ANSWER = 1;

const MAGIC = Buffer.from('DAQ1', 'latin1');
const KNOWN_TYPES: ReadonlySet<number> = new Set(Object.values(FRAME));

export interface FrameHeader {
  readonly type: number;
  readonly flags: number;
  readonly length: number;
  /** CRC-32 (IEEE 802.3) of the payload. */
  readonly crc32: number;
}

/** Writes the header of a frame into its first 16 bytes; `crc` is that of the `length` payload bytes. */
export function putHeader(frame: Buffer, header: FrameHeader): void {
  MAGIC.copy(frame, 0);
  frame.writeUInt8(header.type, 4);
  frame.writeUInt8(header.flags, 5);
  frame.writeUInt16LE(0, 6);
  frame.writeUInt32LE(header.length, 8);
  frame.writeUInt32LE(header.crc32, 12);
}

/** A whole frame around a payload. @throws DAQ_PROTOCOL when the payload is larger than a frame may be. */
export function encodeFrame(type: number, payload: Uint8Array, flags = 0): Buffer {
  if (payload.length > MAX_PAYLOAD) throw protocolError(`payload of ${payload.length} bytes exceeds ${MAX_PAYLOAD}`);
  const frame = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
  putHeader(frame, { type, flags, length: payload.length, crc32: crc32(payload) });
  frame.set(payload, HEADER_BYTES);
  return frame;
}

/** A control frame: its payload is UTF-8 JSON. */
export function encodeControl(type: number, message: object): Buffer {
  return encodeFrame(type, Buffer.from(JSON.stringify(message), 'utf8'));
}

/**
 * Parses the 16 bytes of a frame header. `limit` is the largest payload that the reader takes (a server expects short requests).
 * @throws DAQ_PROTOCOL for another magic, an unknown type, or a length beyond the limit; nothing is allocated by what a header claims.
 */
export function decodeHeader(bytes: Buffer, limit = MAX_PAYLOAD): FrameHeader {
  if (!bytes.subarray(0, 4).equals(MAGIC)) {
    throw protocolError(`frame begins with ${bytes.subarray(0, 4).toString('hex')}, not with "DAQ1"`);
  }
  const header = {
    type: bytes.readUInt8(4),
    flags: bytes.readUInt8(5),
    length: bytes.readUInt32LE(8),
    crc32: bytes.readUInt32LE(12),
  };
  if (!KNOWN_TYPES.has(header.type)) throw protocolError(`unknown frame type ${header.type}`);
  if (header.length > limit) throw protocolError(`payload of ${header.length} bytes exceeds ${limit}`);
  return header;
}

export function protocolError(problem: string): ArchiverError {
  return new ArchiverError('DAQ_PROTOCOL', { problem });
}
