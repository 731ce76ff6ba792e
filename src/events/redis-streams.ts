import type { Redis } from 'ioredis';
import { RedisConnection, type RedisReports, type RedisSettings } from '../redis/connection.js';
import type { ArchiverEvent, EventBus } from './port.js';

export interface RedisStreamOptions {
  readonly redis: RedisSettings;
  /** Name of the stream. Each entry has the fields `id` (of the event) and `event` (the event as JSON). */
  readonly stream: string;
  /** Events that the stream keeps, about: Redis drops whole nodes of some hundred entries. */
  readonly most: number;
  readonly reports: RedisReports;
  /** Told what a listener threw; it does not stop the others. */
  readonly report: (error: unknown) => void;
}

type Listener = (event: ArchiverEvent) => void;
type Entry = readonly [streamId: string, fields: readonly string[]];

const BATCH = 256;
/** How long one read waits for news; also the time in which a subscription notices its end. */
const BLOCK_MS = 1_000;
const RETRY_MS = 200;

/**
 * Events for other processes and hosts, as a Redis stream. While the server is away `publish` fails, and the outbox of the ledger keeps what
 * could not be told. A listener has a connection and a place in the stream of its own, so a slow one delays nobody.
 */
export class RedisStreamBus implements EventBus {
  readonly #options: RedisStreamOptions;
  readonly #connection: RedisConnection;
  readonly #closing = new AbortController();
  readonly #readers = new Set<Promise<void>>();

  /** @throws ArchiverError REDIS_UNSAFE */
  static async open(options: RedisStreamOptions): Promise<RedisStreamBus> {
    return new RedisStreamBus(await RedisConnection.open(options.redis, options.reports), options);
  }

  private constructor(connection: RedisConnection, options: RedisStreamOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  /** @throws ArchiverError REDIS_UNREACHABLE: none, some or all of them may then stand in the stream */
  async publish(events: readonly ArchiverEvent[]): Promise<void> {
    const { stream, most } = this.#options;
    await this.#connection.ask(async () => {
      const all = this.#connection.client.multi();
      for (const event of events) {
        all.xadd(stream, 'MAXLEN', '~', most, '*', 'id', event.id, 'event', JSON.stringify(event));
      }
      await all.exec();
    });
  }

  subscribe(listener: Listener, after?: string): () => void {
    const ending = new AbortController();
    const signal = AbortSignal.any([ending.signal, this.#closing.signal]);
    const findPlace = () => (after === undefined ? this.#lastPlace() : this.#placeOf(after));
    const reader = this.#follow(listener, findPlace, signal);
    this.#readers.add(reader);
    void reader.then(() => this.#readers.delete(reader));
    return () => ending.abort();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#readers);
    this.#connection.close();
  }

  async #lastPlace(): Promise<string> {
    const last = await this.#connection.client.xrevrange(this.#options.stream, '+', '-', 'COUNT', 1);
    return last[0]?.[0] ?? '0';
  }

  /** The last entry of the event; the beginning when it is not held, since too much is better than a gap. */
  async #placeOf(id: string): Promise<string> {
    let place = '0';
    let from = '-';
    for (;;) {
      const entries = await this.#connection.client.xrange(this.#options.stream, from, '+', 'COUNT', BATCH);
      for (const [streamId, fields] of entries) if (fields[1] === id) place = streamId;
      const last = entries.at(-1);
      if (last === undefined) return place;
      from = `(${last[0]}`;
    }
  }

  /** Reads until the subscription ends. An outage is waited out at the place that was reached. */
  async #follow(listener: Listener, findPlace: () => Promise<string>, signal: AbortSignal): Promise<void> {
    const client = this.#connection.client.duplicate({ enableOfflineQueue: true });
    client.on('error', () => undefined); // the connection tells
    signal.addEventListener('abort', () => client.disconnect(), { once: true });
    let reached: string | undefined;
    while (!signal.aborted) {
      try {
        // Asked for before `subscribe` returns, so that whatever is published after it comes later in the stream.
        reached ??= await findPlace();
        for (const [streamId, fields] of await this.#read(client, reached)) {
          if (signal.aborted) return;
          this.#tell(listener, fields);
          reached = streamId;
        }
      } catch {
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  async #read(client: Redis, after: string): Promise<readonly Entry[]> {
    const read = await client.xread('COUNT', BATCH, 'BLOCK', BLOCK_MS, 'STREAMS', this.#options.stream, after);
    return read?.[0]?.[1] ?? [];
  }

  #tell(listener: Listener, fields: readonly string[]): void {
    try {
      listener(JSON.parse(fields[3] ?? '') as ArchiverEvent);
    } catch (error) {
      this.#options.report(error);
    }
  }
}
