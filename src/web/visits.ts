import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import type { NextVisit } from '../pipeline/visits.js';

/** A nextVisit message with what else it may hold left out; numbers may come as text, as those of an event-driven scaler do. */
const nextVisit = z.object({
  instrument: z.string().regex(/^\w{1,32}$/),
  groupId: z.string().regex(/^[ -~]{1,128}$/),
  nimages: z.coerce.number().int().min(0).max(100),
  duration: z.coerce.number().min(0).max(3600),
  detector: z.coerce.number().int().min(0).max(1000).optional(),
  /** When it was sent, seconds of TAI since 1970. */
  private_sndStamp: z.coerce.number().optional(),
});

const MOST_BYTES = 64 * 1024;

/** Stops reading a message that is too long, also one that does not say how long it is. */
export const visitLimit = bodyLimit({
  maxSize: MOST_BYTES,
  onError: (context) => context.json({ error: true, message: `more than ${MOST_BYTES} bytes` }, 413),
});

/** An older message is of a visit that is over. */
const MOST_AGE_SECONDS = 3600;

/**
 * Takes a nextVisit message. JSON only, and not from a page: a browser cannot send it without asking first.
 * @param nowTai seconds of TAI since 1970
 */
export async function takeVisit(
  context: Context,
  announce: (visit: NextVisit) => number | undefined,
  nowTai: number,
): Promise<Response> {
  const refuse = (message: string, status: 400 | 403 | 415 | 422) => context.json({ error: true, message }, status);
  if (context.req.header('origin') !== undefined) return refuse('pages of a browser may not announce visits', 403);
  if (!/^application\/json\b/.test(context.req.header('content-type') ?? ''))
    return refuse('send application/json', 415);
  const parsed = nextVisit.safeParse(jsonOf(await context.req.text()));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return refuse(`no nextVisit: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`, 400);
  }
  const { private_sndStamp: sent, ...visit } = parsed.data;
  if (sent !== undefined && nowTai - sent > MOST_AGE_SECONDS) return context.json({ error: false, expected: 0 });
  const expected = announce(visit);
  if (expected === undefined) return refuse(`no detector of ${visit.instrument} is archived here`, 422);
  return context.json({ error: false, expected });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
