import { ArchiverError } from '../model/errors.js';
import { fetchFailure } from '../model/fetch-failure.js';
import { limitedTo } from '../model/signals.js';
import type { NotificationSink, ObjectCreated } from './notification.js';

export interface WebhookOptions {
  /** http or https, without a password: addresses stand in messages. */
  readonly url: string;
  /** Sent as a bearer token. */
  readonly token?: string | undefined;
  /** Without an answer by then, the call counts as failed. */
  readonly timeoutMs: number;
}

/** Records of one call; what has gathered during a call goes with the next. */
const MOST_RECORDS = 100;

/** Posts `{"Records":[...]}` as JSON. Any 2xx answer takes them; redirects are not followed, so that the token goes nowhere else. */
export class Webhook implements NotificationSink {
  private readonly closing = new AbortController();

  constructor(private readonly options: WebhookOptions) {}

  async notify(records: readonly ObjectCreated[]): Promise<void> {
    for (let first = 0; first < records.length; first += MOST_RECORDS) {
      await this.post(records.slice(first, first + MOST_RECORDS));
    }
  }

  close(): void {
    this.closing.abort();
  }

  private async post(records: readonly ObjectCreated[]): Promise<void> {
    const { url, token, timeoutMs } = this.options;
    const { signal, release } = limitedTo(timeoutMs, this.closing.signal);
    const authorization: Record<string, string> = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    try {
      const answer = await fetch(url, {
        method: 'POST',
        redirect: 'manual',
        headers: { 'Content-Type': 'application/json', ...authorization },
        body: JSON.stringify({ Records: records }),
        signal,
      });
      await answer.body?.cancel();
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    } catch (error) {
      throw new ArchiverError('NOTIFICATION_FAILED', { address: url, reason: fetchFailure(error) });
    } finally {
      release();
    }
  }
}
