import type { Socket } from 'node:net';
import { asArchiverError } from '../../model/errors.js';
import type { DaqNotice } from '../port.js';
import { encodeControl, encodeFrame, FLAG_ANSWER, FRAME, PROTOCOL_VERSION, protocolError } from '../wire/frame.js';
import { decodeControl, errorMessage, type ReadMessage, type SubscribeMessage } from '../wire/messages.js';
import { encodeImage, encodeSource } from '../wire/metadata.js';
import { FrameReader } from '../wire/reader.js';
import type { Catalogue } from './catalogue.js';
import type { LiveImage } from './live-image.js';
import { Outbox } from './outbox.js';
import { sendRange } from './send-range.js';

/** Requests are short: anything longer is refused by its header. */
const MAX_REQUEST_BYTES = 64 * 1024;
/** READs that wait behind the one being answered; beyond that the connection is not read from. */
const MAX_QUEUED_READS = 64;
/** After ERROR 64 the client has this long to take it. */
const LINGER_MS = 1000;

export interface SessionOptions {
  readonly catalogue: Catalogue;
  /** Somebody listens to a folder. */
  readonly onSubscribed: () => void;
}

/** The server's side of one connection. LIST, SUBSCRIBE and SOURCES are answered at once and whole; READs one after the other, as fast as the client takes them. */
export class Session {
  private readonly outbox: Outbox;
  private readonly reader = new FrameReader({
    frame: (type, _flags, payload) => this.take(type, payload),
    maxPayload: MAX_REQUEST_BYTES,
  });
  private readonly reads: ReadMessage[] = [];
  private readonly subscriptions: SubscribeMessage[] = [];
  private readonly stopListening: () => void;
  private greeted = false;
  private reading = false;
  private failed = false;

  constructor(
    private readonly socket: Socket,
    private readonly options: SessionOptions,
  ) {
    this.outbox = new Outbox(socket);
    this.stopListening = options.catalogue.listen((image, notice) => this.notify(image, notice));
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.receive(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.stopListening());
  }

  private receive(chunk: Buffer): void {
    if (this.failed) return;
    try {
      this.reader.push(chunk);
    } catch (error) {
      this.refuse(error);
    }
  }

  /** A violation: ERROR 64 that names no request, and the end of the connection. */
  private refuse(error: unknown): void {
    this.failed = true;
    this.stopListening();
    this.socket.end(encodeControl(FRAME.ERROR, errorMessage(0, asArchiverError(error))));
    setTimeout(() => this.socket.destroy(), LINGER_MS).unref();
  }

  private take(type: number, payload: Buffer): void {
    if (type !== FRAME.HELLO && !this.greeted) throw protocolError('the first frame is not HELLO');
    switch (type) {
      case FRAME.HELLO:
        this.greet(decodeControl(type, payload));
        break;
      case FRAME.LIST:
        this.list(decodeControl(type, payload));
        break;
      case FRAME.SUBSCRIBE:
        this.subscribe(decodeControl(type, payload));
        break;
      case FRAME.SOURCES:
        this.describe(decodeControl(type, payload));
        break;
      case FRAME.READ:
        this.queueRead(decodeControl(type, payload));
        break;
      default:
        throw protocolError(`type ${type} is no request`);
    }
  }

  private greet({ request, version }: { request: number; version: number }): void {
    if (version !== PROTOCOL_VERSION)
      throw protocolError(`version ${version} was asked for, version ${PROTOCOL_VERSION} is spoken`);
    this.greeted = true;
    this.outbox.send(
      encodeControl(FRAME.HELLO_REPLY, { request, version: PROTOCOL_VERSION, program: 'ccarchiver daq serve' }),
    );
  }

  private list({ request, folder }: { request: number; folder: string }): void {
    for (const image of this.options.catalogue.list(folder)) {
      this.outbox.send(encodeFrame(FRAME.IMAGE, encodeImage(image.describe().image), FLAG_ANSWER));
    }
    this.outbox.send(encodeControl(FRAME.END, { request }));
  }

  private describe({ request, image: tag }: { request: number; image: string }): void {
    const image = this.find(request, tag);
    if (image === undefined) return;
    const { image: metadata, sources, events, conditions, absent } = image.describe();
    this.outbox.send(encodeFrame(FRAME.IMAGE, encodeImage(metadata), FLAG_ANSWER));
    for (const source of sources) {
      this.outbox.send(encodeFrame(FRAME.SOURCE, encodeSource(source, metadata.triggerNs), FLAG_ANSWER));
    }
    this.outbox.send(encodeControl(FRAME.END, { request, events, conditions, absent }));
  }

  /** With an image: first the state of each of its sources, then END, then what changes. */
  private subscribe(message: SubscribeMessage): void {
    if (message.image !== undefined) {
      const image = this.find(message.request, message.image);
      if (image === undefined) return;
      for (const source of image.sources.values()) this.notify(image, image.landedNotice(source), true);
    }
    this.subscriptions.push(message);
    this.outbox.send(encodeControl(FRAME.END, { request: message.request }));
    if (message.image === undefined) this.options.onSubscribed();
  }

  private find(request: number, tag: string): LiveImage | undefined {
    try {
      return this.options.catalogue.image(tag);
    } catch (error) {
      this.outbox.send(encodeControl(FRAME.ERROR, errorMessage(request, asArchiverError(error))));
      return undefined;
    }
  }

  private notify(image: LiveImage, notice: DaqNotice, asked = false): void {
    const wanted = this.subscriptions.filter(
      ({ image: tag, folder = 'raw' }) => tag === image.tag || (tag === undefined && folder === image.folder),
    );
    if (wanted.length === 0 && !asked) return;
    if (notice.type === 'image') this.outbox.notify(encodeFrame(FRAME.IMAGE, encodeImage(notice.image)), false);
    if (notice.type === 'event' && wanted.some(({ events }) => events)) {
      this.outbox.notify(encodeControl(FRAME.EVENT, { image: notice.tag, event: notice.event }), false);
    }
    if (notice.type === 'landed') {
      const { tag, location, bytes, done, crc32 } = notice;
      this.outbox.notify(encodeControl(FRAME.LANDED, { image: tag, location, bytes, done, crc32 }), !done && !asked);
    }
  }

  private queueRead(message: ReadMessage): void {
    this.reads.push(message);
    if (this.reads.length >= MAX_QUEUED_READS) this.socket.pause();
    if (!this.reading) void this.answerReads();
  }

  private async answerReads(): Promise<void> {
    this.reading = true;
    for (let read = this.reads.shift(); read !== undefined && !this.failed; read = this.reads.shift()) {
      this.socket.resume();
      await this.answerRead(read);
    }
    this.reading = false;
  }

  private async answerRead({ request, image, location, offset, length }: ReadMessage): Promise<void> {
    try {
      const source = this.options.catalogue.range(image, location, offset, length);
      if (await sendRange(this.outbox, source, { request, offset, length }))
        this.outbox.send(encodeControl(FRAME.END, { request }));
      else this.socket.destroy();
    } catch (error) {
      this.outbox.send(encodeControl(FRAME.ERROR, errorMessage(request, asArchiverError(error))));
    }
  }
}
