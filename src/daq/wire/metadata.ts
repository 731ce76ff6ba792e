import { type LocationSet, locationAt, locationIndex, locationSet, locationsOf } from '../../camera/geometry.js';
import type { DaqImage, DaqSourceInfo, DaqVersion } from '../port.js';
import { protocolError } from './frame.js';

/** Sizes of the DAQ's records (Rubin raw format: metadata records). */
export const IMAGE_METADATA_BYTES = 272;
export const SOURCE_METADATA_BYTES = 240;
export const MAX_INSTRUCTIONS = 16;
/** Names, annotations and folders hold at most this many bytes, NUL-terminated. */
export const MAX_NAME_BYTES = 63;

const VERSION_BYTES = 48;
const TAG_BYTES = 32;
const PLATFORM_BYTES = 32;
const SCHEMA = 1;
/** Path of the source's lane: 3 is the emulator. */
const PATH_EMULATOR = 3;
const ADDRESS_MASK = 0xffffff;

/** The 272-byte ImageMetadata. @throws DAQ_PROTOCOL when a text is longer than 63 bytes, LOCATION_UNKNOWN for an impossible location. */
export function encodeImageMetadata(image: DaqImage): Buffer {
  const bytes = Buffer.alloc(IMAGE_METADATA_BYTES);
  locationSet(image.locations).forEach((word, index) => {
    bytes.writeUInt32LE(word, index * 4);
  });
  bytes.writeBigUInt64BE(unsigned64(image.triggerNs, 'trigger time'), 16);
  encodeVersion(image.version, bytes.subarray(24, 24 + VERSION_BYTES));
  bytes.writeInt32BE(image.opcode, 72);
  putText(bytes.subarray(80, 144), image.name, 'image name');
  putText(bytes.subarray(144, 208), image.annotation, 'annotation');
  putText(bytes.subarray(208, 272), image.folder, 'folder');
  return bytes;
}

/** @throws DAQ_PROTOCOL for another size, LOCATION_UNKNOWN for a bit that stands for no board. */
export function decodeImageMetadata(tag: string, bytes: Buffer): DaqImage {
  checkSize(bytes, IMAGE_METADATA_BYTES, 'ImageMetadata');
  const words = [0, 4, 8, 12].map((at) => bytes.readUInt32LE(at)) as unknown as LocationSet;
  return {
    tag,
    name: text(bytes.subarray(80, 144)),
    folder: text(bytes.subarray(208, 272)),
    annotation: text(bytes.subarray(144, 208)),
    triggerNs: bytes.readBigUInt64BE(16).toString(),
    opcode: bytes.readInt32BE(72),
    version: decodeVersion(bytes.subarray(24, 24 + VERSION_BYTES)),
    locations: locationsOf(words),
  };
}

/**
 * The 240-byte SourceMetadata. Registers are stored as instructions: the operation word holds the 24-bit address.
 * @throws DAQ_PROTOCOL for more than 16 registers, or a text or number that does not fit.
 */
export function encodeSourceMetadata(source: DaqSourceInfo, timestampNs: string): Buffer {
  if (source.registers.length > MAX_INSTRUCTIONS)
    throw protocolError(`${source.registers.length} registers in a list of 16`);
  const bytes = Buffer.alloc(SOURCE_METADATA_BYTES);
  bytes.writeUInt8(SCHEMA, 0);
  bytes.writeUInt8(PATH_EMULATOR, 1);
  bytes.writeUInt8(source.sensorType, 2);
  bytes.writeUInt32LE(Number(hexValue(source.firmware, 8, 'firmware')), 4);
  encodeVersion(source.version, bytes.subarray(8, 8 + VERSION_BYTES));
  putText(bytes.subarray(56, 56 + PLATFORM_BYTES), source.platform, 'platform');
  bytes.writeBigUInt64LE(hexValue(source.serial, 16, 'serial'), 88);
  bytes.writeUInt32LE(source.registers.length, 96); // next free instruction
  bytes.writeUInt32LE(source.registers.length, 100);
  source.registers.forEach(({ address, value }, index) => {
    bytes.writeUInt32LE(address & ADDRESS_MASK, 104 + index * 8);
    bytes.writeUInt32LE(value >>> 0, 108 + index * 8);
  });
  bytes.writeBigUInt64BE(unsigned64(timestampNs, 'time'), 232);
  return bytes;
}

/** @throws DAQ_PROTOCOL for another size or schema, an unknown sensor type, or a register list beyond 16. */
export function decodeSourceMetadata(location: string, expectedBytes: number, bytes: Buffer): DaqSourceInfo {
  checkSize(bytes, SOURCE_METADATA_BYTES, 'SourceMetadata');
  if (bytes.readUInt8(0) !== SCHEMA) throw protocolError(`SourceMetadata of schema ${bytes.readUInt8(0)}`);
  const sensorType = bytes.readUInt8(2);
  if (sensorType !== 1 && sensorType !== 2 && sensorType !== 3) throw protocolError(`sensor type ${sensorType}`);
  const count = bytes.readUInt32LE(100);
  if (count > MAX_INSTRUCTIONS) throw protocolError(`${count} registers in a list of 16`);
  const registers = Array.from({ length: count }, (_, index) => ({
    address: bytes.readUInt32LE(104 + index * 8) & ADDRESS_MASK,
    value: bytes.readUInt32LE(108 + index * 8),
  }));
  return {
    location,
    expectedBytes,
    sensorType,
    firmware: bytes.readUInt32LE(4).toString(16),
    serial: bytes.readBigUInt64LE(88).toString(16),
    platform: text(bytes.subarray(56, 56 + PLATFORM_BYTES)),
    version: decodeVersion(bytes.subarray(8, 8 + VERSION_BYTES)),
    registers,
  };
}

/** Payload of an IMAGE frame: id u64 LE and the ImageMetadata. */
export function encodeImage(image: DaqImage): Buffer {
  const id = Buffer.alloc(8);
  id.writeBigUInt64LE(hexValue(image.tag, 16, 'image id'));
  return Buffer.concat([id, encodeImageMetadata(image)]);
}

export function decodeImage(payload: Buffer): DaqImage {
  checkSize(payload, 8 + IMAGE_METADATA_BYTES, 'IMAGE payload');
  return decodeImageMetadata(payload.readBigUInt64LE(0).toString(16), payload.subarray(8));
}

/** Payload of a SOURCE frame: stream u32 (the location's index), expected length u64, and the SourceMetadata. */
export function encodeSource(source: DaqSourceInfo, timestampNs: string): Buffer {
  const prefix = Buffer.alloc(12);
  prefix.writeUInt32LE(locationIndex(source.location), 0);
  prefix.writeBigUInt64LE(BigInt(source.expectedBytes), 4);
  return Buffer.concat([prefix, encodeSourceMetadata(source, timestampNs)]);
}

export function decodeSource(payload: Buffer): DaqSourceInfo {
  checkSize(payload, 12 + SOURCE_METADATA_BYTES, 'SOURCE payload');
  const length = payload.readBigUInt64LE(4);
  if (length > BigInt(Number.MAX_SAFE_INTEGER)) throw protocolError(`expected length ${length}`);
  return decodeSourceMetadata(locationAt(payload.readUInt32LE(0)), Number(length), payload.subarray(12));
}

/** Version, 48 bytes: build time u64 BE ns, dirty u8 and 3 of padding, hash u32 BE, tag[32]. */
function encodeVersion(version: DaqVersion, bytes: Buffer): void {
  bytes.writeBigUInt64BE(unsigned64(version.buildTimeNs, 'build time'), 0);
  bytes.writeUInt8(version.dirty ? 1 : 0, 8);
  bytes.writeUInt32BE(Number(hexValue(version.hash, 8, 'version hash')), 12);
  putText(bytes.subarray(16, 16 + TAG_BYTES), version.tag, 'version tag');
}

function decodeVersion(bytes: Buffer): DaqVersion {
  return {
    tag: text(bytes.subarray(16, 16 + TAG_BYTES)),
    buildTimeNs: bytes.readBigUInt64BE(0).toString(),
    hash: bytes.readUInt32BE(12).toString(16).padStart(8, '0'),
    dirty: bytes.readUInt8(8) !== 0,
  };
}

/** At least one NUL ends the text, so one byte less than the field may be used. */
function putText(field: Buffer, value: string, what: string): void {
  const bytes = Buffer.from(value, 'utf8');
  if (bytes.length >= field.length)
    throw protocolError(`${what} of ${bytes.length} bytes, at most ${field.length - 1}`);
  if (bytes.includes(0)) throw protocolError(`${what} contains a NUL`);
  bytes.copy(field);
}

function text(field: Buffer): string {
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? field.length : end);
}

function unsigned64(decimal: string, what: string): bigint {
  if (!/^\d{1,20}$/.test(decimal)) throw protocolError(`${what} "${decimal}" is no decimal number`);
  const value = BigInt(decimal);
  if (value >= 1n << 64n) throw protocolError(`${what} ${decimal} exceeds 64 bits`);
  return value;
}

function hexValue(hex: string, digits: number, what: string): bigint {
  if (!/^[0-9a-f]+$/i.test(hex) || hex.length > digits)
    throw protocolError(`${what} "${hex}" is no hex number of ${digits} digits`);
  return BigInt(`0x${hex}`);
}

function checkSize(bytes: Buffer, expected: number, what: string): void {
  if (bytes.length !== expected) throw protocolError(`${what} of ${bytes.length} bytes, ${expected} expected`);
}
