import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeControl, encodeFrame, FLAG_ANSWER, FRAME } from '../../src/daq/wire/frame.js';
import { decodeControl } from '../../src/daq/wire/messages.js';
import { decodeImage, decodeSource, encodeImage, encodeSource } from '../../src/daq/wire/metadata.js';
import { FrameReader } from '../../src/daq/wire/reader.js';
import { packageRoot } from '../../src/model/package.js';

/** The frames of docs/daq-protocol.md by their heading. */
function goldenFrames(): Map<string, Buffer> {
  const text = readFileSync(join(packageRoot(), 'docs/daq-protocol.md'), 'utf8');
  const blocks = text.matchAll(/^### (\w+)\n[^`]*```hex\n([0-9a-f\n]+)```/gm);
  return new Map([...blocks].map(([, name = '', hex = '']) => [name, Buffer.from(hex.replaceAll('\n', ''), 'hex')]));
}

const GOLDEN = goldenFrames();
const golden = (name: string): Buffer => GOLDEN.get(name) ?? expect.fail(`the document has no frame ${name}`);
const payloadOf = (name: string): Buffer => golden(name).subarray(16);

const VERSION = { tag: 'R5-V11.3', buildTimeNs: '1726498981000000000', hash: '10c5a519', dirty: false };
const IMAGE = {
  tag: '55a26f70adb62647',
  name: 'CC_O_20241108_000266',
  folder: 'raw',
  annotation: '',
  triggerNs: '1731134111749000000',
  opcode: 0,
  version: VERSION,
  locations: ['22/0', '22/1', '22/2'],
};
const REGISTERS = [
  [0x360000, 0],
  [0x360001, 3],
  [0x360002, 509],
  [0x360003, 0],
  [0x360004, 0],
  [0x360005, 64],
  [0x380000, 0],
  [0x380001, 2000],
  [0x380002, 0],
  [0x380003, 48],
  [0x380009, 1],
].map(([address = 0, value = 0]) => ({ address, value }));
const SOURCE = {
  location: '22/0',
  expectedBytes: 127_401_984,
  sensorType: 3 as const,
  firmware: '31395007',
  serial: '18edfc9b',
  platform: 'comcam',
  version: VERSION,
  registers: REGISTERS,
};
const CONTROLS = [
  ['HELLO', FRAME.HELLO, { request: 1, version: 1 }],
  ['READ', FRAME.READ, { request: 7, image: '55a26f70adb62647', location: '22/0', offset: 195_072, length: 108 }],
  [
    'LANDED',
    FRAME.LANDED,
    { image: '55a26f70adb62647', location: '22/0', bytes: 127_401_984, done: true, crc32: 0x12345678 },
  ],
  ['ERROR', FRAME.ERROR, { request: 7, code: 69, name: 'NOSUCH_DATA', message: 'not there yet' }],
  ['END', FRAME.END, { request: 7 }],
] as const;

describe('golden frames of the protocol document', () => {
  it.each(CONTROLS)('%s is written and read as documented', (name, type, message) => {
    expect(encodeControl(type, message).toString('hex')).toBe(golden(name).toString('hex'));
    expect(decodeControl(type, payloadOf(name))).toEqual(message);
  });

  it('IMAGE holds the 272-byte ImageMetadata', () => {
    expect(encodeFrame(FRAME.IMAGE, encodeImage(IMAGE), FLAG_ANSWER).toString('hex')).toBe(
      golden('IMAGE').toString('hex'),
    );
    expect(decodeImage(payloadOf('IMAGE'))).toEqual(IMAGE);
  });

  it('SOURCE holds the 240-byte SourceMetadata with registers by address', () => {
    const frame = encodeFrame(FRAME.SOURCE, encodeSource(SOURCE, IMAGE.triggerNs), FLAG_ANSWER);
    expect(frame.toString('hex')).toBe(golden('SOURCE').toString('hex'));
    expect(decodeSource(payloadOf('SOURCE'))).toEqual(SOURCE);
  });

  it.each([1, 3, 7, 1000])('are read one by one from a stream cut every %i bytes', (size) => {
    const stream = Buffer.concat([...GOLDEN.values()]);
    const seen: string[] = [];
    const pixels: number[] = [];
    const reader = new FrameReader({
      frame: (type) => seen.push(String(type)),
      data: {
        begin: (request, offset, length) => seen.push(`69 ${request} ${offset} ${length}`),
        bytes: (chunk) => pixels.push(...chunk),
        end: (actual, expected) => expect(actual).toBe(expected),
      },
    });
    for (let at = 0; at < stream.length; at += size) reader.push(stream.subarray(at, at + size));
    expect(seen).toEqual(['1', '5', '66', '67', '68', '69 7 195072 36', '70', '72']);
    expect(pixels).toEqual(Array.from({ length: 36 }, (_, i) => i));
  });
});
