import { connect, createServer, type Server, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { NetworkDaqSource } from '../../src/daq/network.js';
import type { DaqNotice } from '../../src/daq/port.js';
import { emulation, imageTag } from './emulation.js';

/** A TCP relay in front of a DAQ whose connections can be cut, as a network does. */
class Relay {
  readonly sockets = new Set<Socket>();
  private server: Server | undefined;
  port = 0;

  constructor(private readonly target: number) {}

  async open(): Promise<void> {
    const server = createServer((near) => {
      const far = connect(this.target, '127.0.0.1');
      for (const socket of [near, far]) {
        this.sockets.add(socket);
        socket
          .on('error', () => undefined)
          .on('close', () => {
            near.destroy();
            far.destroy();
          });
      }
      near.pipe(far).pipe(near);
    });
    this.server = server;
    this.port = await new Promise((resolve) => {
      server.listen(this.port, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
    });
  }

  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.server?.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
    await closed;
  }
}

async function behindRelay(options: Parameters<typeof emulation>[0]) {
  const made = await emulation(options);
  const relay = new Relay(Number(made.emulator.address.split(':')[1]));
  await relay.open();
  const daq = new NetworkDaqSource(`127.0.0.1:${relay.port}`);
  onTestFinished(async () => {
    await daq.close();
    await relay.cut();
  });
  return { ...made, relay, far: daq };
}

describe('a watch over a network that fails', () => {
  it('lives on, and repeats the image that came meanwhile', async () => {
    const { relay, far, daq } = await behindRelay({ start: 'first-subscriber' });
    await relay.cut();
    const heard: DaqNotice[] = [];
    const stop = new AbortController();
    const watching = (async () => {
      for await (const notice of far.watch({ signal: stop.signal })) {
        heard.push(notice);
        if (notice.type === 'connection' && notice.state === 'lost') await relay.open().catch(() => undefined);
        if (notice.type === 'connection' && notice.state === 'open') stop.abort();
      }
    })();
    await watching;
    expect(heard[0]).toMatchObject({ type: 'connection', state: 'lost', error: { code: 'DAQ_UNREACHABLE' } });
    expect(heard.at(-1)).toEqual({ type: 'connection', state: 'open' });
    expect(await daq.list()).toBeDefined();
  });

  it('finds the image that was created while the connection was lost', async () => {
    const { relay, far, daq } = await behindRelay({ start: 'first-subscriber', exposureMs: 150 });
    const heard: string[] = [];
    const stop = new AbortController();
    for await (const notice of far.watch({ signal: stop.signal })) {
      heard.push(notice.type === 'connection' ? notice.state : notice.type);
      if (notice.type === 'event' && notice.event.type === 'startIntegration') {
        await relay.cut();
        await imageTag(daq); // the exposure ends and the image is read out unheard
        await relay.open();
      }
      if (notice.type === 'image') stop.abort();
    }
    expect(heard).toEqual(['open', 'event', 'lost', 'open', 'image']);
  });

  it('by tag is told the state of every source again', async () => {
    const script = [{ location: '22/1', kind: 'stall', at: 200_000, ms: 600 }];
    const { relay, far, daq } = await behindRelay({ script });
    const tag = await imageTag(daq);
    const heard: DaqNotice[] = [];
    for await (const notice of far.watch({ tag, signal: AbortSignal.timeout(5000) })) {
      heard.push(notice);
      if (notice.type === 'landed' && notice.location === '22/1' && !notice.done) {
        await relay.cut();
        await relay.open();
      }
    }
    expect(heard.map((notice) => (notice.type === 'connection' ? notice.state : ''))).toContain('lost');
    expect(heard.at(-1)).toMatchObject({ type: 'landed', location: '22/1', done: true });
  });

  it('fails the reads under way as retryable, and serves the next ones over a new connection', async () => {
    const { relay, far, image, daq } = await behindRelay({ script: [{ kind: 'delay', ms: 300 }] });
    const tag = await imageTag(daq);
    const bytes = image.packed.get('22/0') as Buffer;
    const into = new Uint8Array(bytes.length);
    const read = () => far.read({ tag, location: '22/0', offset: 0, length: bytes.length }, into);
    await far.list();
    const first = read();
    const failed = expect(first).rejects.toMatchObject({ code: 'DAQ_DISCONNECTED', retryable: true });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await relay.cut();
    await failed;
    await expect(read()).rejects.toMatchObject({ code: 'DAQ_UNREACHABLE', retryable: true });
    await relay.open();
    await read();
    expect(Buffer.from(into).equals(bytes)).toBe(true);
  });
});
