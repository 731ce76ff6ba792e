import type { Context } from 'hono';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import type { EventFeed } from '../events/feed.js';

/** A comment goes out after so much silence, so that both ends notice when the other is gone. */
const KEEP_ALIVE_MS = 10_000;

/**
 * Server-sent events: `event` is the type, `data` the event as JSON, `id` its id where it can be asked for again. `Last-Event-ID` or `?after=` begins
 * after that event. The first block is an `id` alone, so that also a client that has got no event yet can go on. `event: gap` says that some
 * between are not held any more.
 */
export class EventStreams {
  private open = 0;

  /** @param most streams at the same time */
  constructor(private readonly most: number) {}

  send(context: Context, feed: EventFeed): Response {
    if (this.open >= this.most) {
      return context.json({ error: true, message: `${this.most} clients listen already` }, 503);
    }
    this.open++;
    const after = context.req.header('last-event-id') ?? context.req.query('after');
    return streamSSE(context, async (stream) => {
      try {
        await sendEvents(stream, feed, after === '' ? undefined : after);
      } finally {
        this.open--;
      }
    });
  }
}

async function sendEvents(stream: SSEStreamingApi, feed: EventFeed, after: string | undefined): Promise<void> {
  const ending = new AbortController();
  stream.onAbort(() => ending.abort());
  const silence = setInterval(() => void stream.write(': still here\n\n').catch(() => ending.abort()), KEEP_ALIVE_MS);
  try {
    for await (const item of feed.follow(after, ending.signal)) {
      if (item.kind === 'start') await stream.write(`id: ${item.after}\n\n`);
      else if (item.kind === 'gap') await stream.writeSSE({ event: 'gap', data: JSON.stringify({ after }) });
      else {
        const { event, isHeld } = item;
        await stream.writeSSE({
          event: event.type,
          data: JSON.stringify(event),
          ...(isHeld ? { id: event.id } : {}),
        });
      }
    }
  } finally {
    clearInterval(silence);
  }
}
