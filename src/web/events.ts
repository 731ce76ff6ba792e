import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { EventFeed } from '../events/feed.js';

/** A comment goes out after so much silence, so that both ends notice when the other is gone. */
const KEEP_ALIVE_MS = 10_000;

/**
 * Server-sent events: `event` is the type, `data` the event as JSON, `id` its id where it can be asked for again. `Last-Event-ID` or `?after=` begins
 * after that event. `event: gap` says that some between are not held any more.
 */
export function sendEvents(context: Context, feed: EventFeed) {
  const after = context.req.header('last-event-id') ?? context.req.query('after');
  return streamSSE(context, async (stream) => {
    const ending = new AbortController();
    stream.onAbort(() => ending.abort());
    const silence = setInterval(() => void stream.write(': still here\n\n').catch(() => ending.abort()), KEEP_ALIVE_MS);
    try {
      await stream.write(': welcome\n\n'); // the head of the answer goes out with the first bytes
      for await (const item of feed.follow(after === '' ? undefined : after, ending.signal)) {
        if (item.kind === 'gap') await stream.writeSSE({ event: 'gap', data: JSON.stringify({ after }) });
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
  });
}
