import { ArchiverError } from '../../model/errors.js';
import { protocolError } from '../wire/frame.js';
import type { DataSink } from '../wire/reader.js';

/** Where the bytes of one READ go. `fill` counts what has come; the DAQ sends a range in order. */
export interface ReadTarget {
  readonly into: Uint8Array;
  /** Offset of into[0] in the source. */
  readonly offset: number;
  fill: number;
}

interface PendingRead {
  readonly target?: ReadTarget;
  readonly timer: NodeJS.Timeout;
}

/** Puts the bytes of DATA frames where their READ wants them; those of a READ that has failed meanwhile are dropped. */
export class PixelReceiver implements DataSink {
  private request = 0;
  private target: ReadTarget | undefined;

  constructor(
    private readonly pendingOf: (request: number) => PendingRead | undefined,
    private readonly lastRequest: () => number,
    private readonly address: string,
  ) {}

  begin(request: number, offset: number, length: number): void {
    if (request === 0 || request > this.lastRequest()) throw protocolError(`DATA for request ${request}, never made`);
    this.request = request;
    this.target = this.pendingOf(request)?.target;
    if (this.target === undefined) return;
    const { into, fill, offset: start } = this.target;
    if (offset !== start + fill || fill + length > into.length) {
      throw protocolError(`DATA ${offset}+${length} where ${start + fill} was next, up to ${start + into.length}`);
    }
  }

  bytes(chunk: Uint8Array): void {
    const pending = this.pendingOf(this.request);
    // A request that timed out within this frame no longer owns its buffer.
    if (this.target === undefined || pending?.target !== this.target) return;
    this.target.into.set(chunk, this.target.fill);
    this.target.fill += chunk.length;
    pending.timer.refresh();
  }

  /** A damaged frame may have named any request, so the whole connection is given up; another one gets the bytes again. */
  end(actual: number, expected: number): void {
    if (actual === expected) return;
    const reason = `CRC-32 of a DATA frame is ${hex(actual)}, its header says ${hex(expected)}`;
    throw new ArchiverError('DAQ_DISCONNECTED', { address: this.address, reason });
  }
}

function hex(sum: number): string {
  return sum.toString(16).padStart(8, '0');
}
