import type { ChildProcess } from 'node:child_process';
import { ArchiverError, asArchiverError, type ErrorData } from '../model/errors.js';
import type { Assembler } from './port.js';

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

interface Ready {
  readonly ready: true;
}

/** Child side: answers requests with the service's results, then says that it is ready. */
export function serveRpc(service: Assembler): void {
  const answer = (reply: Reply | Ready) => process.send?.(reply);
  process.on('message', (message: Request) => {
    const call = service[message.method] as (...args: readonly unknown[]) => Promise<unknown>;
    call.apply(service, message.args as unknown[]).then(
      (value) => answer({ id: message.id, value }),
      (error) => answer({ id: message.id, error: asArchiverError(error).toData() }),
    );
  });
  answer({ ready: true });
}

/** Coordinator side of one child: calls end with the child. */
export class RpcClient {
  readonly ready: Promise<void>;
  private readonly open = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  private next = 1;
  private ended: ArchiverError | undefined;

  constructor(private readonly child: ChildProcess) {
    this.ready = new Promise((resolve, reject) => {
      this.open.set(0, { resolve: () => resolve(), reject });
    });
    this.ready.catch(() => undefined);
    child.on('message', (message) => this.receive(message as Reply | Ready));
    child.on('error', (error) => this.end(error.message));
    child.on('exit', (code, signal) => this.end(signal ?? `exit code ${code}`));
  }

  call<T>(method: Method, args: readonly unknown[]): Promise<T> {
    if (this.ended !== undefined) return Promise.reject(this.ended);
    return new Promise((resolve, reject) => {
      const id = this.next++;
      this.open.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.child.send({ id, method, args } satisfies Request, (error) => {
        if (error !== null) this.end(error.message);
      });
    });
  }

  private receive(message: Reply | Ready): void {
    const id = 'ready' in message ? 0 : message.id;
    const waiting = this.open.get(id);
    this.open.delete(id);
    if ('ready' in message) waiting?.resolve(undefined);
    else if (message.error !== undefined) waiting?.reject(new ArchiverError(message.error.code, message.error.details));
    else waiting?.resolve(message.value);
  }

  private end(reason: string): void {
    this.ended ??= new ArchiverError('ASSEMBLER_DIED', { reason });
    for (const waiting of this.open.values()) waiting.reject(this.ended);
    this.open.clear();
  }
}
