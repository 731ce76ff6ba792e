import type { Server } from 'node:http';
import { serve } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import type { EventFeed } from '../events/feed.js';
import { systemClock } from '../model/clock.js';
import { ArchiverError } from '../model/errors.js';
import { taiNow } from '../model/time.js';
import { hasCode } from '../model/write-failure.js';
import type { PresenceKey } from '../pipeline/presence.js';
import type { ArchiverStatus } from '../pipeline/status.js';
import type { NextVisit } from '../pipeline/visits.js';
import type { LedgerView } from '../stage/port.js';
import { EventStreams } from './events.js';
import { takeVisit, visitLimit } from './visits.js';

export interface WebOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** undefined while the archiver is starting. */
  readonly archiver: () => ServedArchiver | undefined;
}

/** What is asked of an archiver over HTTP. */
export interface ServedArchiver {
  status(): Promise<ArchiverStatus>;
  /** Where a detector is at the prompt key. */
  readonly presence: { find(key: PresenceKey): string | undefined };
  readonly feed: EventFeed;
  readonly visits: { announce(visit: NextVisit): number | undefined };
  readonly ledger: { view(): Pick<LedgerView, 'image' | 'images'> };
}

export interface WebServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Names by which this machine calls itself; a page that reaches us by another one was lured here (DNS rebinding). */
const OWN_NAMES = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** One for each detector of LSSTCam and some more; event streams stay below it, so that there is always room for a question. */
const MOST_CONNECTIONS = 512;
const MOST_STREAMS = 256;

const STARTING = { error: true, message: 'the archiver is starting' } as const;

/**
 * The answers of docs/http.md. `GET /healthz`: 200 while the archiver archives, 503 while it is starting or cannot write. `GET /status`: ArchiverStatus
 * as JSON. `GET /events`: server-sent events. `GET /images`, `GET /images/:obsid`: rows of the ledger. `POST /visits`: announces a visit. `GET /presence/:instrument/:group/:snap/:slot`: whether and where a detector is at the prompt key, 400 for what cannot be one.
 * @throws ArchiverError PORT_IN_USE
 */
export async function startWeb(options: WebOptions): Promise<WebServer> {
  const { host, port } = options;
  const server = serve({ fetch: routes(options).fetch, hostname: host, port, autoCleanupIncoming: true }) as Server;
  server.headersTimeout = 5000;
  server.requestTimeout = 10_000;
  server.maxConnections = MOST_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', (error) => {
      reject(hasCode(error, 'EADDRINUSE') ? new ArchiverError('PORT_IN_USE', { address: `${host}:${port}` }) : error);
    });
  });
  return {
    port: (server.address() as { port: number }).port,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function routes({ archiver }: WebOptions): Hono {
  const app = new Hono();
  const streams = new EventStreams(MOST_STREAMS);
  app.use(async (context, next) => {
    const name = (context.req.header('host') ?? '').replace(/:\d+$/, '');
    if (!OWN_NAMES.has(name)) return context.json({ error: true, message: `Host "${name}" is not this machine` }, 403);
    await next();
    context.header('Cache-Control', 'no-store');
    context.header('X-Content-Type-Options', 'nosniff');
  });
  app.get('/healthz', async (context) => {
    const now = await archiver()?.status();
    const state = now?.state ?? 'starting';
    return context.json({ state, hold: now?.hold ?? null }, state === 'archiving' ? 200 : 503);
  });
  const served =
    (answer: (context: Context, of: ServedArchiver) => Response | Promise<Response>) => (context: Context) => {
      const of = archiver();
      return of === undefined ? context.json(STARTING, 503) : answer(context, of);
    };
  app.get(
    '/status',
    served(async (context, of) => context.json(await of.status())),
  );
  app.get(
    '/events',
    served((context, { feed }) => streams.send(context, feed)),
  );
  app.post(
    '/visits',
    visitLimit,
    served((context, { visits }) => takeVisit(context, (visit) => visits.announce(visit), taiSeconds())),
  );
  app.get('/images', served(listImages));
  app.get('/images/:obsid', served(showImage));
  app.get(
    '/presence/:instrument/:group/:snap/:slot',
    served((context, { presence }) => {
      const key = presenceKey(context.req.param());
      if (typeof key === 'string') return context.json({ error: true, message: key }, 400);
      const uri = presence.find(key);
      return context.json(uri === undefined ? { error: false, present: false } : { error: false, present: true, uri });
    }),
  );
  app.notFound((context) =>
    context.json({ error: true, message: `no ${context.req.method} ${context.req.path}` }, 404),
  );
  app.onError((error, context) => context.json({ error: true, message: error.message }, 500));
  return app;
}

const taiSeconds = () => Number(taiNow(systemClock) / 1_000_000n) / 1000;

/** `?limit=` of at most 100 (default 20), `?before=` an obsid for those that were begun before it. */
async function listImages(context: Context, { ledger }: ServedArchiver): Promise<Response> {
  const { limit = '20', before } = context.req.query();
  if (!/^\d{1,3}$/.test(limit) || Number(limit) < 1 || Number(limit) > 100) {
    return context.json({ error: true, message: 'a limit is a number from 1 to 100' }, 400);
  }
  return context.json(await ledger.view().images(Number(limit), before));
}

async function showImage(context: Context, { ledger }: ServedArchiver): Promise<Response> {
  const obsid = context.req.param('obsid') ?? '';
  const image = await ledger.view().image(obsid);
  if (image !== undefined) return context.json(image);
  return context.json({ error: true, message: 'no image of this name was begun' }, 404);
}

/** @returns what is wrong with it, if anything is */
function presenceKey(given: Readonly<Record<string, string>>): PresenceKey | string {
  const { instrument = '', group = '', snap = '', slot = '' } = given;
  if (!/^\w{1,32}$/.test(instrument)) return 'an instrument is a word, e.g. LSSTComCam';
  if (!/^[ -~]{1,128}$/.test(group)) return 'a group is the GROUPID of a visit, up to 128 characters';
  if (!/^\d{1,4}$/.test(snap)) return 'a snap is a number from 0 to 9999';
  if (!/^R\d\d_S[\dGW]\d$/.test(slot)) return 'a detector is raft and sensor, e.g. R22_S11';
  return { instrument, group, snap: Number(snap), slot };
}
