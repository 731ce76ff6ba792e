import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeImage,
  decodeSource,
  encodeImage,
  encodeImageMetadata,
  encodeSource,
} from '../../src/daq/wire/metadata.js';
import { FIRST_IMAGE, testImage } from './images.js';

const { image, sources } = testImage(FIRST_IMAGE).description;
const source = sources[0] ?? expect.fail();
const ascii = (maxLength: number) => fc.string({ unit: 'grapheme-ascii', maxLength });
const hex = (max: bigint, digits = 0) => fc.bigInt({ min: 0n, max }).map((n) => n.toString(16).padStart(digits, '0'));
const u32 = 0xffffffffn;
const u64 = 0xffffffffffffffffn;
const nanoseconds = fc.bigInt({ min: 0n, max: u64 }).map(String);
const version = fc.record({ tag: ascii(31), buildTimeNs: nanoseconds, hash: hex(u32, 8), dirty: fc.boolean() });

describe('metadata records', () => {
  it('give back every ImageMetadata', () => {
    const images = fc.record({
      tag: hex(u64),
      name: ascii(63),
      folder: ascii(63),
      annotation: ascii(63),
      triggerNs: nanoseconds,
      opcode: fc.integer(),
      version,
      locations: fc.subarray(['00/0', '22/0', '22/1', '22/2', '43/2', '44/0']),
    });
    fc.assert(
      fc.property(images, (one) => {
        expect(decodeImage(encodeImage(one))).toEqual(one);
      }),
    );
  });

  it('give back every SourceMetadata', () => {
    const registers = fc.array(fc.record({ address: fc.nat(0xffffff), value: fc.nat(0xffffffff) }), { maxLength: 16 });
    const all = fc.record({
      location: fc.constantFrom('00/0', '22/1', '44/2'),
      expectedBytes: fc.nat(),
      sensorType: fc.constantFrom(1 as const, 2 as const, 3 as const),
      firmware: hex(u32),
      serial: hex(u64),
      platform: ascii(31),
      version,
      registers,
    });
    fc.assert(
      fc.property(all, (one) => {
        expect(decodeSource(encodeSource(one, '1'))).toEqual(one);
      }),
    );
  });

  it("store ComCam's locations as word 1 = 0x00070000", () => {
    expect(encodeImageMetadata(image).readUInt32LE(4)).toBe(0x00070000);
  });

  it('refuse a name of 64 bytes, whose end could not be told', () => {
    expect(() => encodeImage({ ...image, name: 'x'.repeat(64) })).toThrow(/image name of 64 bytes/);
  });

  it('refuse more than 16 registers', () => {
    const registers = Array.from({ length: 17 }, (_, address) => ({ address, value: 0 }));
    expect(() => encodeSource({ ...source, registers }, '1')).toThrow(/17 registers/);
  });

  it('refuse a register count that a record cannot hold', () => {
    const payload = encodeSource(source, '1');
    payload.writeUInt32LE(17, 12 + 100);
    expect(() => decodeSource(payload)).toThrow(/17 registers/);
  });

  it('refuse a record of another size or schema', () => {
    const payload = encodeSource(source, '1');
    expect(() => decodeSource(payload.subarray(1))).toThrow(/SOURCE payload of 251 bytes/);
    payload.writeUInt8(2, 12);
    expect(() => decodeSource(payload)).toThrow(/schema 2/);
  });
});
