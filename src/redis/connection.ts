import { Redis } from 'ioredis';
import { ArchiverError, asArchiverError } from '../model/errors.js';

export interface RedisSettings {
  /** redis://host:port[/database] or unix:/path; never with a password, because addresses stand in messages. */
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

/** What the connection tells of itself; each change once, however often it tries. */
export interface RedisReports {
  /** The server cannot be reached; it is tried again until close(). */
  readonly lost: (error: ArchiverError) => void;
  /** The server answers (again) and is safe to use. */
  readonly ready: () => void;
}

/** The longest wait between two tries to connect, so that work goes on within a second of the server's return. */
const RECONNECT_MS = 1_000;
const CONNECT_TIMEOUT_MS = 2_000;
/** A command that has no answer by then counts as failed; whether it had an effect is then unknown. */
const COMMAND_MS = 5_000;
/** What ioredis says of a connection that has ended before its client has noticed. */
const CONNECTION_LOST = /Stream isn't writeable|Connection is closed/;

/**
 * One connection that never gives up. Commands fail at once while there is no server, instead of waiting for it in memory: what could not be
 * said is said again from the ledger.
 */
export class RedisConnection {
  readonly client: Redis;
  readonly address: string;
  readonly #reports: RedisReports;
  #state: 'new' | 'ready' | 'lost' = 'new';

  /**
   * Tries to connect once. A server that is not there is told through `lost` and tried again in the background.
   * @throws ArchiverError REDIS_UNSAFE when the server is there and may lose or evict what it is given
   */
  static async open(settings: RedisSettings, reports: RedisReports): Promise<RedisConnection> {
    const connection = new RedisConnection(settings, reports);
    const { client } = connection;
    try {
      await client.connect().catch((error: Error) => connection.#lost(error.message));
      if (client.status === 'ready') await connection.#becomeReady();
    } catch (error) {
      connection.close();
      throw error;
    }
    client.on('ready', () => void connection.#returned());
    return connection;
  }

  private constructor(settings: RedisSettings, reports: RedisReports) {
    this.address = settings.url;
    this.#reports = reports;
    const { username, password } = settings;
    const path = /^unix:(.+)$/.exec(settings.url)?.[1];
    const options = {
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      lazyConnect: true,
      enableOfflineQueue: false,
      maxRetriesPerRequest: null,
      connectTimeout: CONNECT_TIMEOUT_MS,
      retryStrategy: (times: number) => Math.min(times * 100, RECONNECT_MS),
    };
    this.client = path === undefined ? new Redis(settings.url, options) : new Redis({ ...options, path });
    this.client.on('error', (error: Error) => this.#lost(error.message));
    this.client.on('close', () => this.#lost('connection closed'));
  }

  get isReady(): boolean {
    return this.#state === 'ready' && this.client.status === 'ready';
  }

  /** @throws ArchiverError REDIS_UNREACHABLE, also for a command without an answer; INTERNAL for what the server refuses */
  async ask<T>(command: () => Promise<T>): Promise<T> {
    if (!this.isReady) throw this.unreachable(this.client.status);
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.unreachable(`no answer in ${COMMAND_MS} ms`)), COMMAND_MS);
    });
    try {
      return await Promise.race([command(), silence]);
    } catch (error) {
      throw this.isReady && !CONNECTION_LOST.test(String(error))
        ? asArchiverError(error)
        : this.unreachable(String(error));
    } finally {
      clearTimeout(timer);
    }
  }

  private unreachable(reason: string): ArchiverError {
    return new ArchiverError('REDIS_UNREACHABLE', { address: this.address, reason });
  }

  close(): void {
    this.client.removeAllListeners('close');
    this.client.disconnect();
  }

  #lost(reason: string): void {
    if (this.#state === 'lost') return;
    this.#state = 'lost';
    this.#reports.lost(this.unreachable(reason));
  }

  /** The server may have come back with other settings; one that closed the connection meanwhile was told as lost. */
  async #returned(): Promise<void> {
    try {
      await this.#becomeReady();
    } catch (error) {
      if (error instanceof ArchiverError) this.#reports.lost(error);
    }
  }

  async #becomeReady(): Promise<void> {
    await this.#requireSafe();
    this.#state = 'ready';
    this.#reports.ready();
  }

  /** An eviction policy but noeviction drops jobs under memory pressure; without the append-only file a restart forgets all. */
  async #requireSafe(): Promise<void> {
    const facts = `${await this.client.info('memory')}\n${await this.client.info('persistence')}`;
    const fact = (name: string) => new RegExp(`^${name}:(\\S+)`, 'm').exec(facts)?.[1] ?? 'unknown';
    this.#require('maxmemory-policy', fact('maxmemory_policy'), 'noeviction');
    this.#require('appendonly', fact('aof_enabled') === '1' ? 'yes' : 'no', 'yes');
  }

  #require(setting: string, actual: string, needed: string): void {
    if (actual !== needed) throw new ArchiverError('REDIS_UNSAFE', { address: this.address, setting, actual, needed });
  }
}
