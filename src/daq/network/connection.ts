import { connect, type Socket } from 'node:net';
import { ArchiverError, asArchiverError } from '../../model/errors.js';
import { type Endpoint, formatEndpoint } from '../wire/endpoint.js';
import { encodeControl, FRAME, PROTOCOL_VERSION, protocolError } from '../wire/frame.js';
import { decodeControl, type EndMessage, fromErrorMessage } from '../wire/messages.js';
import { type Crc32, FrameReader } from '../wire/reader.js';
import { PixelReceiver, type ReadTarget } from './pixels.js';

/** One socket buffer per connection, reused for every read of the kernel. */
const SOCKET_BUFFER_BYTES = 256 * 1024;

export interface ConnectionOptions {
  readonly endpoint: Endpoint;
  readonly connectTimeoutMs: number;
  /** A request fails when nothing of its answer has come for this long. */
  readonly requestTimeoutMs: number;
  /** Called for each frame that answers no request: IMAGE, LANDED, EVENT notices. */
  readonly notice?: (type: number, payload: Buffer) => void;
  readonly crc32: Crc32 | undefined;
}

export interface RequestOptions {
  /** What is asked for, in words, for DAQ_TIMEOUT. */
  readonly what: string;
  /** Details for the error that a DAQ error code becomes. */
  readonly details: Readonly<Record<string, string | number>>;
  /** READ only: where the pixels go. */
  readonly target?: ReadTarget;
}

/** The frames that answered LIST or SOURCES, and the END of the request. */
export interface Answer {
  readonly end: EndMessage;
  readonly frames: readonly { readonly type: number; readonly payload: Buffer }[];
}

interface Pending extends RequestOptions {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: ArchiverError) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * One connection to the DAQ, greeted by HELLO. It serves any number of requests at once and ends for good at the first fault: every
 * request under way then fails, and its owner opens another.
 */
export class Connection {
  /** Resolves, once, when the connection has ended. */
  readonly closed: Promise<ArchiverError>;
  private readonly pending = new Map<number, Pending>();
  private readonly reader: FrameReader;
  private readonly address: string;
  private answerFrames: { type: number; payload: Buffer }[] = [];
  private lastRequest = 0;
  private ended: ArchiverError | undefined;
  private reportClosed!: (error: ArchiverError) => void;
  private socket!: Socket;

  private constructor(private readonly options: ConnectionOptions) {
    this.address = formatEndpoint(options.endpoint);
    this.closed = new Promise((resolve) => {
      this.reportClosed = resolve;
    });
    this.reader = new FrameReader({
      frame: (type, flags, payload) => this.takeFrame(type, flags, payload),
      data: new PixelReceiver(
        (request) => this.pending.get(request),
        () => this.lastRequest,
        this.address,
      ),
      crc32: options.crc32,
    });
  }

  /** @throws DAQ_UNREACHABLE, or DAQ_PROTOCOL when the other side speaks another version. */
  static async open(options: ConnectionOptions): Promise<Connection> {
    const connection = new Connection(options);
    await connection.connect();
    await connection.request(FRAME.HELLO, { version: PROTOCOL_VERSION }, { what: 'HELLO', details: {} });
    return connection;
  }

  /** Sends a request and resolves with its END. */
  request(type: number, body: object, options: RequestOptions): Promise<Answer> {
    if (this.ended !== undefined) return Promise.reject(this.ended);
    const request = ++this.lastRequest;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.expire(request), this.options.requestTimeoutMs);
      this.pending.set(request, { ...options, resolve, reject, timer });
      this.socket.write(encodeControl(type, { request, ...body }));
    });
  }

  close(): void {
    this.end(new ArchiverError('DAQ_DISCONNECTED', { address: this.address, reason: 'closed here' }));
  }

  private connect(): Promise<void> {
    const { endpoint, connectTimeoutMs } = this.options;
    return new Promise((resolve, reject) => {
      const fail = (reason: string) => {
        const error = new ArchiverError('DAQ_UNREACHABLE', { address: this.address, reason });
        this.end(error);
        reject(error);
      };
      const timer = setTimeout(() => fail('no answer'), connectTimeoutMs);
      this.socket = connect({ ...endpoint, noDelay: true, onread: this.onread() }, () => {
        clearTimeout(timer);
        resolve();
      });
      this.socket.on('error', (error: NodeJS.ErrnoException) => {
        clearTimeout(timer);
        fail(error.code ?? error.message);
      });
      this.socket.on('close', () => {
        this.end(new ArchiverError('DAQ_DISCONNECTED', { address: this.address, reason: 'closed by the DAQ' }));
      });
    });
  }

  /** Bytes are parsed in place out of one buffer: no allocation per chunk. */
  private onread() {
    const buffer = Buffer.allocUnsafe(SOCKET_BUFFER_BYTES);
    return {
      buffer,
      callback: (bytes: number): boolean => {
        try {
          this.reader.push(buffer.subarray(0, bytes));
        } catch (error) {
          this.end(asArchiverError(error));
        }
        return this.ended === undefined;
      },
    };
  }

  private takeFrame(type: number, flags: number, payload: Buffer): void {
    if (this.ended !== undefined) return;
    if (type === FRAME.END || type === FRAME.HELLO_REPLY) this.succeed(type, payload);
    else if (type === FRAME.ERROR) this.failRequest(payload);
    else if (type === FRAME.SOURCE || (type === FRAME.IMAGE && flags !== 0)) this.answerFrames.push({ type, payload });
    else if (type >= FRAME.HELLO_REPLY) this.options.notice?.(type, payload);
    else throw protocolError(`request type ${type} from the DAQ`);
  }

  private succeed(type: typeof FRAME.END | typeof FRAME.HELLO_REPLY, payload: Buffer): void {
    const end = decodeControl(type, payload);
    if ('version' in end && end.version !== PROTOCOL_VERSION)
      throw protocolError(`the DAQ speaks version ${end.version}`);
    const frames = this.answerFrames;
    const pending = this.take(end.request);
    // The frames of LIST and SOURCES stand right before their END; answers to READ may end in between.
    if (pending?.target === undefined) this.answerFrames = [];
    pending?.resolve({ end: end as EndMessage, frames });
  }

  private failRequest(payload: Buffer): void {
    const message = decodeControl(FRAME.ERROR, payload);
    if (message.request === 0) throw protocolError(message.message);
    this.take(message.request)?.reject(fromErrorMessage(message, this.detailsOf(message.request)));
  }

  private detailsOf(request: number): Readonly<Record<string, string | number>> {
    return this.pending.get(request)?.details ?? {};
  }

  private take(request: number): Pending | undefined {
    const pending = this.pending.get(request);
    if (pending === undefined && request > this.lastRequest)
      throw protocolError(`answer to request ${request}, never made`);
    this.pending.delete(request);
    clearTimeout(pending?.timer);
    return pending;
  }

  private expire(request: number): void {
    const pending = this.take(request);
    const seconds = this.options.requestTimeoutMs / 1000;
    pending?.reject(new ArchiverError('DAQ_TIMEOUT', { what: pending.what, seconds }));
  }

  /** After this nothing is written into any caller's buffer any more. */
  private end(error: ArchiverError): void {
    if (this.ended !== undefined) return;
    this.ended = error;
    this.socket.destroy();
    for (const request of [...this.pending.keys()]) this.take(request)?.reject(error);
    this.reportClosed(error);
  }
}
