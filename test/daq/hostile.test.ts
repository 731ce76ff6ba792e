import { connect, createServer, type Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { NetworkDaqSource } from '../../src/daq/network.js';
import { encodeControl, encodeFrame, FRAME } from '../../src/daq/wire/frame.js';
import { decodeControl } from '../../src/daq/wire/messages.js';
import { FrameReader } from '../../src/daq/wire/reader.js';
import { emulation, imageTag } from './emulation.js';

const HELLO = encodeControl(FRAME.HELLO, { request: 1, version: 1 });

/** Sends bytes and collects what the server says until it closes. */
function talk(address: string, bytes: Uint8Array): Promise<{ type: number; payload: Buffer }[]> {
  const frames: { type: number; payload: Buffer }[] = [];
  const reader = new FrameReader({ frame: (type, _flags, payload) => frames.push({ type, payload }) });
  return new Promise((resolve, reject) => {
    const socket = connect(Number(address.split(':')[1]), '127.0.0.1', () => socket.end(bytes));
    socket.on('data', (chunk) => reader.push(chunk));
    socket.on('close', () => resolve(frames));
    socket.on('error', reject);
  });
}

/** The server's last word was ERROR 64 that names no request. */
async function expectRefused(address: string, bytes: Uint8Array): Promise<void> {
  const frames = await talk(address, bytes);
  const last = frames.at(-1) ?? expect.fail('the server said nothing');
  expect(last.type).toBe(FRAME.ERROR);
  expect(decodeControl(FRAME.ERROR, last.payload)).toMatchObject({ request: 0, code: 64, name: 'INVALID_REQUEST' });
}

function damaged(change: (frame: Buffer) => void): Buffer {
  const frame = Buffer.from(HELLO);
  change(frame);
  return frame;
}

describe('the server, sent what it cannot understand', () => {
  it('answers ERROR 64, closes, and serves others on, whatever the bytes', async () => {
    const { emulator, daq } = await emulation();
    const garbage = fc.uint8Array({ minLength: 16, maxLength: 400 }).filter((bytes) => bytes[0] !== 0x44);
    await fc.assert(
      fc.asyncProperty(garbage, fc.boolean(), (bytes, greeted) =>
        expectRefused(emulator.address, greeted ? Buffer.concat([HELLO, bytes]) : bytes),
      ),
      { numRuns: 60 },
    );
    expect(await daq.list()).toHaveLength(1);
  });

  it.each([
    ['another version', encodeControl(FRAME.HELLO, { request: 1, version: 2 })],
    ['a request before HELLO', encodeControl(FRAME.LIST, { request: 1, folder: 'raw' })],
    ['another magic', damaged((frame) => frame.write('DAQ2'))],
    ['an unknown type', damaged((frame) => frame.writeUInt8(200, 4))],
    ['a reply type', Buffer.concat([HELLO, encodeControl(FRAME.END, { request: 2 })])],
    ['a DATA frame', Buffer.concat([HELLO, encodeFrame(FRAME.DATA, Buffer.alloc(16))])],
    ['an oversize frame, by its header alone', damaged((frame) => frame.writeUInt32LE(0xffffffff, 8))],
    ['a request longer than requests are', damaged((frame) => frame.writeUInt32LE(65_537, 8))],
    ['a wrong sum', damaged((frame) => frame.writeUInt32LE(1, 12))],
    ['no JSON', encodeFrame(FRAME.HELLO, Buffer.from('{'))],
    ['an empty payload', encodeFrame(FRAME.HELLO, Buffer.alloc(0))],
    ['a request without an id', encodeControl(FRAME.HELLO, { version: 1 })],
    [
      'a negative offset',
      Buffer.concat([
        HELLO,
        encodeControl(FRAME.READ, { request: 2, image: 'a', location: '22/0', offset: -1, length: 1 }),
      ]),
    ],
  ])('refuses %s', async (_what, bytes) => {
    const { emulator } = await emulation();
    await expectRefused(emulator.address, bytes);
  });

  it('lives on when clients leave in the middle of an answer', async () => {
    const { emulator, daq } = await emulation();
    const tag = await imageTag(daq);
    const read = encodeControl(FRAME.READ, { request: 2, image: tag, location: '22/0', offset: 0, length: 691_200 });
    for (let i = 0; i < 20; i++) {
      await new Promise<void>((resolve) => {
        const socket = connect(Number(emulator.address.split(':')[1]), '127.0.0.1', () =>
          socket.write(Buffer.concat([HELLO, read])),
        );
        socket.once('data', () => {
          socket.resetAndDestroy();
          resolve();
        });
      });
    }
    expect(await daq.list()).toHaveLength(1);
  });
});

describe('the client, sent what it cannot understand', () => {
  /** A server that greets and then answers every request with `bytes`, and later with `rest`. */
  async function badServer(
    bytes: (request: number) => Buffer,
    rest?: { afterMs: number; bytes: Buffer },
  ): Promise<NetworkDaqSource> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      const reader = new FrameReader({
        frame: (type, _flags, payload) => {
          const { request } = JSON.parse(payload.toString()) as { request: number };
          if (type === FRAME.HELLO)
            socket.write(encodeControl(FRAME.HELLO_REPLY, { request, version: 1, program: 'bad' }));
          else socket.write(bytes(request));
          if (type !== FRAME.HELLO && rest !== undefined) setTimeout(() => socket.write(rest.bytes), rest.afterMs);
        },
      });
      socket.on('data', (chunk) => reader.push(chunk)).on('error', () => undefined);
    });
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
    });
    const daq = new NetworkDaqSource(`127.0.0.1:${port}`, { requestTimeoutMs: rest === undefined ? 2000 : 50 });
    onTestFinished(async () => {
      await daq.close();
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return daq;
  }

  const data = (request: number, offset: number, bytes: number) => {
    const payload = Buffer.alloc(16 + bytes, 0xff);
    payload.writeUInt32LE(request, 0);
    payload.writeUInt32LE(0, 4);
    payload.writeBigUInt64LE(BigInt(offset), 8);
    return encodeFrame(FRAME.DATA, payload);
  };
  const end = (request: number) => encodeControl(FRAME.END, { request });
  const CASES: [string, (request: number) => Buffer][] = [
    ['garbage', () => Buffer.alloc(64, 0x55)],
    ['more bytes than asked for', (request) => data(request, 0, 101)],
    ['bytes from elsewhere', (request) => data(request, 1, 50)],
    ['bytes for a request never made', (request) => data(request + 1, 0, 100)],
    ['a DATA frame without its prefix', () => encodeFrame(FRAME.DATA, Buffer.alloc(8))],
    ['the end before all bytes', (request) => Buffer.concat([data(request, 0, 50), end(request)])],
    ['a request', () => encodeControl(FRAME.LIST, { request: 1, folder: 'raw' })],
  ];

  it.each(CASES)('fails a read on %s', async (_what, bytes) => {
    const daq = await badServer(bytes);
    const guarded = new Uint8Array(300);
    const into = guarded.subarray(100, 200);
    await expect(daq.read({ tag: 'a', location: '22/0', offset: 0, length: 100 }, into)).rejects.toMatchObject({
      code: 'DAQ_PROTOCOL',
    });
    expect(guarded.subarray(0, 100).every((byte) => byte === 0)).toBe(true);
    expect(guarded.subarray(200).every((byte) => byte === 0)).toBe(true);
  });

  it('leaves a buffer alone from the moment its read has failed, also within a frame', async () => {
    const frame = data(2, 0, 100);
    const daq = await badServer(() => frame.subarray(0, 50), { afterMs: 150, bytes: frame.subarray(50) });
    const into = new Uint8Array(100);
    await expect(daq.read({ tag: 'a', location: '22/0', offset: 0, length: 100 }, into)).rejects.toMatchObject({
      code: 'DAQ_TIMEOUT',
    });
    into.fill(7);
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(into.every((byte) => byte === 7)).toBe(true);
  });

  it('refuses a DAQ of another version', async () => {
    const server = createServer((socket) => {
      socket.write(encodeControl(FRAME.HELLO_REPLY, { request: 1, version: 9, program: 'later' }));
      socket.on('error', () => undefined);
    });
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
    });
    onTestFinished(() => void server.close());
    const daq = new NetworkDaqSource(`127.0.0.1:${port}`);
    await expect(daq.list()).rejects.toThrow(/the DAQ speaks version 9/);
    const watching = (async () => {
      for await (const _ of daq.watch({ signal: AbortSignal.timeout(5000) }));
    })();
    await expect(watching).rejects.toMatchObject({ code: 'DAQ_PROTOCOL' });
  });
});
