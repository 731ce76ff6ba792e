import type { ChildProcess } from 'node:child_process';
import { ArchiverError, asArchiverError, type ErrorData } from '../model/errors.js';
import { type PackedJob, unpackJob } from './job-wire.js';
import type { Assembler } from './port.js';
import { BEAT_MS } from './watchdog.js';

/** The assembler port over process IPC: requests by number, errors as data. */
type Method = keyof Assembler;

interface Request {
  readonly id: number;
  readonly method: Method;
  readonly args: readonly unknown[];
}

interface Reply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: ErrorData;
}

/** Every second: its main thread runs, and for how long the oldest task of its threads has been under way. */
interface Beat {
  readonly oldestTaskMs: number;
}

/** The child's first message: it serves, or what keeps it from serving. */
type Start = { readonly ready: true } | { readonly failed: ErrorData };

/** Child side: says that it is ready, and answers requests with the service's results. */
export function serveRpc(service: Assembler & { oldestTaskMs(): number }): void {
  // A coordinator that is gone hears nothing; the end of the channel ends this process.
  const answer = (reply: Reply | Start | Beat) => process.send?.(reply, undefined, undefined, () => undefined);
  process.on('message', (message: Request) => {
    const call = service[message.method] as (...args: readonly unknown[]) => Promise<unknown>;
    call.apply(service, argumentsOf(message)).then(
      (value) => answer({ id: message.id, value }),
      (error) => answer({ id: message.id, error: asArchiverError(error).toData() }),
    );
  });
  answer({ ready: true });
  setInterval(() => answer({ oldestTaskMs: service.oldestTaskMs() }), BEAT_MS);
}

function argumentsOf({ method, args }: Request): unknown[] {
  return method === 'finish' ? args.map((job) => unpackJob(job as PackedJob)) : [...args];
}

/** Child side: tells why it cannot serve, and ends. */
export function refuseRpc(error: unknown): void {
  const start: Start = { failed: asArchiverError(error).toData() };
  process.send?.(start, undefined, undefined, () => process.exit(1));
}

/** Coordinator side of one child: calls end with the child. */
export class RpcClient {
  /** Rejects with the child's own error, or with ASSEMBLER_DIED. */
  readonly ready: Promise<void>;
  /** Told the milliseconds of the child's oldest task, every second. */
  onBeat: (oldestTaskMs: number) => void = () => undefined;
  private readonly open = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  private next = 1;
  private ended: ArchiverError | undefined;

  /** `onEnd` is called once, before any call is told that the child has ended. */
  constructor(
    private readonly child: ChildProcess,
    private readonly onEnd: (error: ArchiverError) => void,
  ) {
    this.ready = new Promise((resolve, reject) => {
      this.open.set(0, { resolve: () => resolve(), reject });
    });
    this.ready.catch(() => undefined);
    child.on('message', (message) => this.receive(message as Reply | Start | Beat));
    child.on('error', (error) => this.end(died(error.message)));
    child.on('exit', (code, signal) => this.end(died(signal ?? `exit code ${code}`)));
  }

  call<T>(method: Method, args: readonly unknown[]): Promise<T> {
    if (this.ended !== undefined) return Promise.reject(this.ended);
    return new Promise((resolve, reject) => {
      const id = this.next++;
      this.open.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.child.send({ id, method, args } satisfies Request, (error) => {
        if (error !== null) this.end(died(error.message));
      });
    });
  }

  private receive(message: Reply | Start | Beat): void {
    if ('oldestTaskMs' in message) {
      this.onBeat(message.oldestTaskMs);
      return;
    }
    const id = 'id' in message ? message.id : 0;
    const waiting = this.open.get(id);
    this.open.delete(id);
    const error = 'failed' in message ? message.failed : 'error' in message ? message.error : undefined;
    if (error !== undefined) waiting?.reject(asArchiverError(error));
    else waiting?.resolve('value' in message ? message.value : undefined);
  }

  /** Calls that are open, and later ones, reject with the error. */
  end(error: ArchiverError): void {
    if (this.ended !== undefined) return;
    this.ended = error;
    this.onEnd(error);
    for (const waiting of this.open.values()) waiting.reject(error);
    this.open.clear();
  }
}

const died = (reason: string) => new ArchiverError('ASSEMBLER_DIED', { reason });
