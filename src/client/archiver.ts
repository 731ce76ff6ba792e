import type { ArchiverEvent } from '../events/port.js';
import { ArchiverError } from '../model/errors.js';
import { fetchFailure } from '../model/fetch-failure.js';
import { limitedTo } from '../model/signals.js';
import type { PresenceKey } from '../pipeline/presence.js';
import type { ArchiverStatus } from '../pipeline/status.js';
import type { ImageRow } from '../stage/port.js';
import { archiverEvent, sentEvents } from './events.js';

export interface EventOptions {
  /** id of the last event that is known; undefined begins with what comes. */
  readonly after?: string | undefined;
  /** Ends the subscription. */
  readonly signal?: AbortSignal | undefined;
  /** Told when events between the asked one and the next are not held any more: what happened is in `images`. */
  readonly onGap?: (() => void) | undefined;
}

/** One CCD at its prompt key. */
export type Detector = Extract<ArchiverEvent, { readonly type: 'imageForwarded' }>;

export interface WaitOptions {
  readonly timeoutMs: number;
  /** Wait until its files have been handed to this target too, as far as they could be. */
  readonly target?: 'oods' | 'dbb' | 'prompt' | undefined;
}

const ANSWER_MS = 5_000;
/** The archiver sends a sign of life every 10 s. */
const SILENCE_MS = 30_000;
const RETRY_MS = 500;
const LOOK_MS = 100;

/** A running archiver, asked over HTTP (docs/http.md). */
export class ArchiverClient {
  readonly #base: string;

  /** @param base `http://host:port` of the archiver */
  constructor(base = 'http://127.0.0.1:9650') {
    this.#base = base.replace(/\/$/, '');
  }

  /** What it is doing. @throws ArchiverError ARCHIVER_UNREACHABLE, also while it is starting */
  async status(): Promise<ArchiverStatus> {
    return (await this.#ask('/status', [200])).body as ArchiverStatus;
  }

  /** An image as the ledger has it; undefined when it was not begun. @throws ArchiverError ARCHIVER_UNREACHABLE */
  async image(obsid: string): Promise<ImageRow | undefined> {
    const answer = await this.#ask(`/images/${encodeURIComponent(obsid)}`, [200, 404]);
    return answer.status === 404 ? undefined : (answer.body as ImageRow);
  }

  /** The newest images, 1 to 100 of them; those that were begun before `before` when it is given. @throws ArchiverError ARCHIVER_UNREACHABLE */
  async images(limit = 20, before?: string): Promise<ImageRow[]> {
    const older = before === undefined ? '' : `&before=${encodeURIComponent(before)}`;
    return (await this.#ask(`/images?limit=${limit}${older}`, [200])).body as ImageRow[];
  }

  /** URI of a detector at its prompt key; undefined when it is not there. @throws ArchiverError ARCHIVER_UNREACHABLE */
  async present({ instrument, group, snap, slot }: PresenceKey): Promise<string | undefined> {
    const path = [instrument, group, `${snap}`, slot].map(encodeURIComponent).join('/');
    return ((await this.#ask(`/presence/${path}`, [200])).body as { readonly uri?: string }).uri;
  }

  /**
   * Every event, at least once and in the order of the ledger. A connection that is lost, or silent for 30 s, is opened again and goes on where it was;
   * the subscription ends with its signal.
   */
  async *events({
    after,
    signal = new AbortController().signal,
    onGap,
  }: EventOptions = {}): AsyncGenerator<ArchiverEvent> {
    let place = after;
    while (!signal.aborted) {
      const silence = new AbortController();
      const timer = setTimeout(() => silence.abort(), SILENCE_MS);
      const stop = () => silence.abort();
      signal.addEventListener('abort', stop);
      try {
        const headers: Record<string, string> = place === undefined ? {} : { 'Last-Event-ID': place };
        const answer = await fetch(`${this.#base}/events`, { headers, signal: silence.signal });
        if (!answer.ok || answer.body === null) throw new Error(`HTTP ${answer.status}`);
        for await (const sent of sentEvents(answer.body, () => timer.refresh())) {
          const event = archiverEvent(sent);
          if (sent.type === 'gap') onGap?.();
          if (event !== undefined) yield event;
          place = sent.id ?? place;
        }
      } catch (error) {
        if (!isTransport(error)) throw error;
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
        silence.abort();
      }
      if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  /** Every CCD that comes to its prompt key, as `events` brings them. */
  async *detectors(options: EventOptions = {}): AsyncGenerator<Detector> {
    for await (const event of this.events(options)) if (event.type === 'imageForwarded') yield event;
  }

  /**
   * Waits until an image is complete, incomplete or failed.
   * @throws ArchiverError IMAGE_DEADLINE after timeoutMs, ARCHIVER_UNREACHABLE when nobody answered by then
   */
  async whenEnded(obsid: string, { timeoutMs, target }: WaitOptions): Promise<ImageRow> {
    const end = performance.now() + timeoutMs;
    for (let unreachable: unknown; ; ) {
      try {
        const image = await this.image(obsid);
        if (image !== undefined && hasEnded(image, target)) return image;
        unreachable = undefined;
      } catch (error) {
        unreachable = error;
      }
      if (performance.now() > end)
        throw unreachable ?? new ArchiverError('IMAGE_DEADLINE', { obsid, seconds: timeoutMs / 1000 });
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  async #ask(path: string, statuses: readonly number[]): Promise<{ readonly status: number; readonly body: unknown }> {
    const { signal, release } = limitedTo(ANSWER_MS);
    try {
      const answer = await fetch(`${this.#base}${path}`, { signal });
      const body = (await answer.json()) as { readonly message?: string };
      if (statuses.includes(answer.status)) return { status: answer.status, body };
      throw new Error(body.message ?? `HTTP ${answer.status}`);
    } catch (error) {
      const details = { address: this.#base, reason: fetchFailure(error) };
      throw new ArchiverError('ARCHIVER_UNREACHABLE', details, { cause: error });
    } finally {
      release();
    }
  }
}

function hasEnded({ state, files }: ImageRow, target: string | undefined): boolean {
  if (state === 'open') return false;
  const deliveries = files.flatMap((file) => file.deliveries.filter((delivery) => delivery.target === target));
  return deliveries.every((delivery) => delivery.state !== 'pending');
}

/** What fetch and its stream throw when the other end is away; anything else is of whoever takes the events. */
function isTransport(error: unknown): boolean {
  const { name, message } = error as Error;
  return name === 'AbortError' || name === 'TypeError' || /^HTTP \d+$/.test(message);
}
