import { crc32 as zlibCrc32 } from 'node:zlib';
import {
  DATA_PREFIX_BYTES,
  decodeHeader,
  FRAME,
  type FrameHeader,
  HEADER_BYTES,
  MAX_PAYLOAD,
  protocolError,
} from './frame.js';

/** Takes the pixels of DATA frames piece by piece as they arrive, so that they are copied once, to where they belong. */
export interface DataSink {
  /** A DATA frame of `length` pixel bytes at `offset` of its source begins. @throws DAQ_PROTOCOL when nobody asked for it. */
  begin(request: number, offset: number, length: number): void;
  /** The next bytes of that frame; the view is valid during the call only. */
  bytes(chunk: Uint8Array): void;
  /** The frame is over. The two sums differ when it was damaged on its way. */
  end(actual: number, expected: number): void;
}

/** CRC-32 (IEEE 802.3) of bytes that follow others whose sum is `seed`. */
export type Crc32 = (bytes: Uint8Array, seed: number) => number;

export interface FrameReaderOptions {
  /** Called for every whole frame other than DATA, its sum checked. */
  readonly frame: (type: number, flags: number, payload: Buffer) => void;
  /** Absent where DATA frames are not expected: one is then a violation. */
  readonly data?: DataSink;
  readonly maxPayload?: number;
  /** Default zlib's; the addon's takes a third of its time. */
  readonly crc32?: Crc32 | undefined;
}

/**
 * Cuts a byte stream into frames, whatever the pieces it comes in. Memory follows the bytes that did arrive, never a length that a header claims.
 * `push` throws DAQ_PROTOCOL at the first violation; the stream cannot be read on after that.
 */
export class FrameReader {
  private readonly head = Buffer.allocUnsafe(HEADER_BYTES);
  private readonly prefix = Buffer.allocUnsafe(DATA_PREFIX_BYTES);
  private headFill = 0;
  private header: FrameHeader | undefined;
  private pieces: Buffer[] = [];
  private received = 0;
  private sum = 0;
  private readonly crc32: Crc32;

  constructor(private readonly options: FrameReaderOptions) {
    this.crc32 = options.crc32 ?? zlibCrc32;
  }

  /** Consumes all of `chunk`; nothing of it is kept by reference. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length || this.header?.length === this.received) {
      if (this.header === undefined) at += this.takeHeader(chunk.subarray(at));
      else {
        const part = chunk.subarray(at, at + this.header.length - this.received);
        this.takePayload(this.header, part);
        at += part.length;
      }
    }
  }

  private takeHeader(chunk: Buffer): number {
    const taken = chunk.copy(this.head, this.headFill, 0, HEADER_BYTES - this.headFill);
    this.headFill += taken;
    if (this.headFill < HEADER_BYTES) return taken;
    const header = decodeHeader(this.head, this.options.maxPayload ?? MAX_PAYLOAD);
    if (header.type === FRAME.DATA) this.checkData(header);
    this.header = header;
    this.headFill = 0;
    this.received = 0;
    this.sum = 0;
    return taken;
  }

  private checkData(header: FrameHeader): void {
    if (this.options.data === undefined) throw protocolError('a DATA frame where none was asked for');
    if (header.length < DATA_PREFIX_BYTES)
      throw protocolError(`a DATA payload of ${header.length} bytes has no prefix`);
  }

  private takePayload(header: FrameHeader, part: Buffer): void {
    this.sum = this.crc32(part, this.sum);
    if (header.type === FRAME.DATA) this.takeData(header, part);
    else if (part.length > 0) this.pieces.push(Buffer.from(part));
    this.received += part.length;
    if (this.received === header.length) this.finish(header);
  }

  private takeData(header: FrameHeader, part: Buffer): void {
    let at = 0;
    if (this.received < DATA_PREFIX_BYTES) {
      at = part.copy(this.prefix, this.received, 0, DATA_PREFIX_BYTES - this.received);
      if (this.received + at < DATA_PREFIX_BYTES) return;
      const offset = Number(this.prefix.readBigUInt64LE(8));
      this.options.data?.begin(this.prefix.readUInt32LE(0), offset, header.length - DATA_PREFIX_BYTES);
    }
    if (at < part.length) this.options.data?.bytes(part.subarray(at));
  }

  private finish(header: FrameHeader): void {
    this.header = undefined;
    if (header.type === FRAME.DATA) {
      this.options.data?.end(this.sum, header.crc32);
      return;
    }
    const payload = this.pieces.length === 1 ? (this.pieces[0] as Buffer) : Buffer.concat(this.pieces);
    this.pieces = [];
    if (this.sum !== header.crc32) throw protocolError(`CRC-32 of a type ${header.type} frame does not agree`);
    this.options.frame(header.type, header.flags, payload);
  }
}
