import type { ArchiverError } from '../../model/errors.js';
import type { NoticeQueue } from '../notices.js';
import type { CameraEvent, DaqNotice } from '../port.js';
import { FRAME, protocolError } from '../wire/frame.js';
import { decodeControl, type LandedMessage } from '../wire/messages.js';
import { decodeImage } from '../wire/metadata.js';
import { Connection, type ConnectionOptions } from './connection.js';

/**
 * What one watcher has asked for, over as many connections as it takes. By tag, the DAQ repeats the state of the image's sources on each of them;
 * by folder, images that came while there was no connection are found by comparing the catalogue with what was known.
 */
export class Subscription {
  /** Whether the latest connection got as far as being subscribed. */
  wasOpen = false;
  /** Watched by tag: every source is whole. */
  done = false;
  /** Tags of the folder that are known; undefined before the first connection. */
  private known: Set<string> | undefined;
  /** Watched by tag: the image's sources, and whether each is whole. The DAQ names them all before it confirms the subscription. */
  private readonly whole = new Map<string, boolean>();
  private allNamed = false;

  constructor(
    private readonly target: { readonly folder?: string; readonly tag?: string },
    private readonly queue: NoticeQueue,
  ) {}

  /** Subscribes over a new connection and delivers notices until it ends. @returns why it ended. @throws why it could not begin. */
  async run(options: ConnectionOptions, signal: AbortSignal): Promise<ArchiverError> {
    this.wasOpen = false;
    this.allNamed = false;
    const connection = await Connection.open({
      ...options,
      notice: (type, payload) => {
        this.take(type, payload);
        if (this.done) connection.close();
      },
    });
    const stop = () => connection.close();
    signal.addEventListener('abort', stop);
    try {
      if (signal.aborted) stop();
      else await this.subscribe(connection);
      if (this.done) stop();
      return await connection.closed;
    } finally {
      signal.removeEventListener('abort', stop);
      connection.close();
    }
  }

  private async subscribe(connection: Connection): Promise<void> {
    const { folder = 'raw', tag } = this.target;
    const body = { ...(tag === undefined ? { folder } : { image: tag }), events: true };
    await connection.request(FRAME.SUBSCRIBE, body, { what: 'SUBSCRIBE', details: { image: tag ?? '' } });
    this.confirm();
    if (tag === undefined) await this.repeatMissed(connection, folder);
    this.allNamed = true;
    this.checkDone();
  }

  private confirm(): void {
    if (this.wasOpen) return;
    this.wasOpen = true;
    this.queue.push({ type: 'connection', state: 'open' });
  }

  private async repeatMissed(connection: Connection, folder: string): Promise<void> {
    const { frames } = await connection.request(FRAME.LIST, { folder }, { what: `folder ${folder}`, details: {} });
    const images = frames.map(({ payload }) => decodeImage(payload));
    if (this.known === undefined) this.known = new Set(images.map(({ tag }) => tag));
    for (const image of images) {
      if (this.known.has(image.tag)) continue;
      this.known.add(image.tag);
      this.queue.push({ type: 'image', image });
    }
  }

  private take(type: number, payload: Buffer): void {
    const notice = decodeNotice(type, payload);
    this.confirm();
    if (notice.type === 'image') this.known?.add(notice.image.tag);
    this.queue.push(notice);
    if (notice.type !== 'landed' || this.target.tag === undefined) return;
    this.whole.set(notice.location, notice.done || this.whole.get(notice.location) === true);
    this.checkDone();
  }

  private checkDone(): void {
    this.done = this.target.tag !== undefined && this.allNamed && [...this.whole.values()].every(Boolean);
  }
}

function decodeNotice(type: number, payload: Buffer): DaqNotice {
  if (type === FRAME.IMAGE) return { type: 'image', image: decodeImage(payload) };
  if (type === FRAME.LANDED) return landedNotice(decodeControl(FRAME.LANDED, payload));
  if (type === FRAME.EVENT) {
    const { image, event } = decodeControl(FRAME.EVENT, payload);
    return { type: 'event', tag: image, event: event as CameraEvent };
  }
  throw protocolError(`a type ${type} frame that answers no request`);
}

function landedNotice(message: LandedMessage): DaqNotice {
  const { image: tag, location, bytes, done = false, crc32 } = message;
  return { type: 'landed', tag, location, bytes, done, ...(crc32 === undefined ? {} : { crc32 }) };
}
