import type { Socket } from 'node:net';

/** Pixel bytes of one DATA frame. */
export const CHUNK_BYTES = 1024 * 1024;
const BUFFER_BYTES = CHUNK_BYTES + 64;
/** DATA frames that wait in one connection's socket at most. */
const BUFFERS = 2;
/** Beyond this much unsent, progress notices are left out: a later one says more. */
const NOTICE_BACKLOG_BYTES = 1024 * 1024;
/** A client that leaves this much unread is cut off; it comes back and is told the state again. */
const MAX_BACKLOG_BYTES = 64 * 1024 * 1024;

/** The sending side of one connection: pooled DATA buffers give back-pressure, notices can be dropped or end the connection, nothing grows. */
export class Outbox {
  private readonly idle: Buffer[] = [];
  private allocated = 0;
  private waiting: ((buffer: Buffer | undefined) => void)[] = [];

  constructor(private readonly socket: Socket) {
    socket.once('close', () => {
      for (const resolve of this.waiting.splice(0)) resolve(undefined);
    });
  }

  /** A buffer of CHUNK_BYTES and room for its headers, once the client has taken enough; undefined when the connection is gone. */
  async buffer(): Promise<Buffer | undefined> {
    if (this.socket.destroyed) return undefined;
    const idle = this.idle.pop();
    if (idle !== undefined) return idle;
    if (this.allocated < BUFFERS) {
      this.allocated++;
      return Buffer.allocUnsafeSlow(BUFFER_BYTES);
    }
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  /** Sends the first `length` bytes of a pooled buffer and takes it back when the kernel has them. */
  sendPooled(buffer: Buffer, length: number): void {
    this.socket.write(buffer.subarray(0, length), () => this.release(buffer));
  }

  release(buffer: Buffer): void {
    const next = this.waiting.shift();
    if (next === undefined) this.idle.push(buffer);
    else next(buffer);
  }

  send(frame: Buffer): void {
    if (this.socket.writableLength > MAX_BACKLOG_BYTES) this.socket.destroy();
    else this.socket.write(frame);
  }

  /** @param droppable whether a later notice makes this one needless */
  notify(frame: Buffer, droppable: boolean): void {
    const backlog = this.socket.writableLength - this.allocated * BUFFER_BYTES;
    if (backlog > MAX_BACKLOG_BYTES) this.socket.destroy();
    else if (!droppable || backlog < NOTICE_BACKLOG_BYTES) this.socket.write(frame);
  }
}
