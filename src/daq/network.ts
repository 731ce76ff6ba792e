import { setTimeout as delay } from 'node:timers/promises';
import { ArchiverError, asArchiverError } from '../model/errors.js';
import { joinSignals } from '../model/signals.js';
import { Connection, type ConnectionOptions } from './network/connection.js';
import { Subscription } from './network/subscription.js';
import { NoticeQueue } from './notices.js';
import type { DaqImage, DaqNotice, DaqSource, ImageDescription, ReadRange } from './port.js';
import { checkRange } from './range.js';
import { parseEndpoint } from './wire/endpoint.js';
import { FRAME, protocolError } from './wire/frame.js';
import { decodeImage, decodeSource } from './wire/metadata.js';
import type { Crc32 } from './wire/reader.js';

export interface NetworkOptions {
  /** Default 5 s. */
  readonly connectTimeoutMs?: number;
  /** Default 10 s without any byte of the answer. */
  readonly requestTimeoutMs?: number;
  /** Sums the frames; default zlib's. */
  readonly crc32?: Crc32 | undefined;
}

const FIRST_BACKOFF_MS = 50;
const MAX_BACKOFF_MS = 1000;

/**
 * The DAQ over the network (docs/daq-protocol.md): `host:port` or `unix:/path`. One connection carries all requests, several reads at once; each watch has
 * one of its own, so that a slow watcher holds up nobody. A lost connection fails the requests under way (retryable) and is opened
 * again by the next one.
 */
export class NetworkDaqSource implements DaqSource {
  private readonly connectionOptions: ConnectionOptions;
  private connection: Promise<Connection> | undefined;
  private readonly closing = new AbortController();

  constructor(address: string, options: NetworkOptions = {}) {
    this.connectionOptions = {
      endpoint: parseEndpoint(address),
      connectTimeoutMs: options.connectTimeoutMs ?? 5_000,
      requestTimeoutMs: options.requestTimeoutMs ?? 10_000,
      crc32: options.crc32,
    };
  }

  async list(folder = 'raw'): Promise<DaqImage[]> {
    const { frames } = await (await this.open()).request(
      FRAME.LIST,
      { folder },
      { what: `folder ${folder}`, details: {} },
    );
    return frames.map(({ payload }) => decodeImage(payload));
  }

  async describe(tag: string): Promise<ImageDescription> {
    const options = { what: `image ${tag}`, details: { image: tag } };
    const { frames, end } = await (await this.open()).request(FRAME.SOURCES, { image: tag }, options);
    const [first, ...rest] = frames;
    if (first?.type !== FRAME.IMAGE || rest.some(({ type }) => type !== FRAME.SOURCE)) {
      throw protocolError(`the answer to SOURCES of ${tag} is not one IMAGE and its SOURCEs`);
    }
    return {
      image: decodeImage(first.payload),
      sources: rest.map(({ payload }) => decodeSource(payload)),
      events: end.events ?? [],
      conditions: end.conditions ?? {},
      absent: end.absent ?? [],
      ...(end.createdAt === undefined ? {} : { createdAt: end.createdAt }),
    };
  }

  async *watch(options: {
    readonly folder?: string;
    readonly tag?: string;
    readonly signal: AbortSignal;
  }): AsyncGenerator<DaqNotice> {
    const queue = new NoticeQueue();
    const stop = new AbortController();
    const { signal, release } = joinSignals(options.signal, this.closing.signal, stop.signal);
    const { folder, tag } = options;
    const target = { ...(folder === undefined ? {} : { folder }), ...(tag === undefined ? {} : { tag }) };
    const kept = this.keepSubscribed(new Subscription(target, queue), queue, signal);
    try {
      yield* queue.iterate(signal);
    } finally {
      stop.abort();
      await kept;
      release();
    }
  }

  async read(range: ReadRange, into: Uint8Array): Promise<void> {
    const { tag, location, offset, length } = range;
    checkRange(range, into);
    if (length === 0) return;
    const target = { into, offset, fill: 0 };
    await (await this.open()).request(
      FRAME.READ,
      { image: tag, location, offset, length },
      { what: `bytes ${offset}+${length} of ${location}`, details: { image: tag, location, offset, length }, target },
    );
    if (target.fill !== length) throw protocolError(`READ of ${length} bytes ended after ${target.fill}`);
  }

  async close(): Promise<void> {
    this.closing.abort();
    const connection = await this.connection?.catch(() => undefined);
    connection?.close();
  }

  private open(): Promise<Connection> {
    if (this.closing.signal.aborted) {
      return Promise.reject(new ArchiverError('DAQ_INVALID_REQUEST', { problem: 'this DAQ source was closed' }));
    }
    if (this.connection !== undefined) return this.connection;
    const opened = Connection.open(this.connectionOptions);
    this.connection = opened;
    const forget = () => {
      if (this.connection === opened) this.connection = undefined;
    };
    opened.then((connection) => connection.closed.then(forget), forget);
    return opened;
  }

  /** Keeps one subscription alive until it is done or `signal` aborts. Only what a new connection cannot heal ends the watch. */
  private async keepSubscribed(subscription: Subscription, queue: NoticeQueue, signal: AbortSignal): Promise<void> {
    let backoff = FIRST_BACKOFF_MS;
    let lost = false;
    while (!signal.aborted && !subscription.done) {
      const error = await subscription.run(this.connectionOptions, signal).catch(asArchiverError);
      if (subscription.done || signal.aborted) break;
      if (!error.retryable) return queue.close(error);
      if (subscription.wasOpen) {
        backoff = FIRST_BACKOFF_MS;
        lost = false;
      }
      if (!lost) queue.push({ type: 'connection', state: 'lost', error });
      lost = true;
      await delay(backoff, undefined, { signal }).catch(() => undefined);
      backoff = Math.min(2 * backoff, MAX_BACKOFF_MS);
    }
    queue.close();
  }
}
