import { RedisConnection, type RedisReports, type RedisSettings } from '../redis/connection.js';
import type { NotificationSink, ObjectCreated } from './notification.js';

export interface NotificationStreamOptions {
  readonly redis: RedisSettings;
  /** Name of the stream. Each entry has the fields `id` (eventId) and `message` (`{"Records":[one record]}`). */
  readonly stream: string;
  /** Entries that the stream keeps, about. */
  readonly most: number;
  readonly reports: RedisReports;
}

/** Notifications as a Redis stream, for consumers that read it from a place of their own. */
export class NotificationStream implements NotificationSink {
  private constructor(
    private readonly connection: RedisConnection,
    private readonly options: NotificationStreamOptions,
  ) {}

  /** @throws ArchiverError REDIS_UNSAFE */
  static async open(options: NotificationStreamOptions): Promise<NotificationStream> {
    return new NotificationStream(await RedisConnection.open(options.redis, options.reports), options);
  }

  async notify(records: readonly ObjectCreated[]): Promise<void> {
    if (records.length === 0) return;
    const { stream, most } = this.options;
    await this.connection.ask(async () => {
      const all = this.connection.client.multi();
      for (const record of records) {
        const message = JSON.stringify({ Records: [record] });
        all.xadd(stream, 'MAXLEN', '~', most, '*', 'id', record.eventId, 'message', message);
      }
      await all.exec();
    });
  }

  close(): void {
    this.connection.close();
  }
}
