import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { AssemblerConfig, WatchdogLimits } from '../config.js';
import { ArchiverError } from '../model/errors.js';
import { distFile } from '../model/package.js';
import { RpcClient } from './rpc.js';
import { Watchdog } from './watchdog.js';

/** How long a child may take to end when asked, before it is killed. */
const STOP_MS = 5000;
/** A start takes half a second; one that has not ended by then never will. */
const START_MS = 60_000;

/** One assembler process as the coordinator sees it, from its start to its end. */
export class AssemblerChild {
  /** @throws why it cannot serve */
  readonly ready: Promise<RpcClient>;
  private readonly process: ChildProcess;
  private readonly starting: NodeJS.Timeout;
  /** Once it serves: a start on a crowded machine takes its time. */
  private watchdog: Watchdog | undefined;

  /** `onEnd` is called once, for a child that has served and whose end nobody asked for, before any of its calls is told. */
  constructor(config: AssemblerConfig, limits: WatchdogLimits, onEnd: (error: ArchiverError) => void) {
    this.process = fork(distFile('workers/assembler.js'), [JSON.stringify(config)], {
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    let hasServed = false;
    const client = new RpcClient(this.process, (error) => {
      this.unwatch();
      this.process.kill('SIGKILL'); // also one that lives on but cannot be talked to
      if (hasServed) onEnd(error);
    });
    const hung = (reason: string) => client.end(new ArchiverError('ASSEMBLER_HUNG', { reason }));
    this.starting = setTimeout(() => hung(`it did not start in ${START_MS / 1000} s`), START_MS).unref();
    this.process.on('message', () => this.watchdog?.alive());
    client.onBeat = (oldestTaskMs) => this.watchdog?.beat(oldestTaskMs);
    this.ready = client.ready.then(() => {
      hasServed = true;
      clearTimeout(this.starting);
      this.watchdog = new Watchdog(limits, hung);
      return client;
    });
    this.ready.catch(() => undefined); // told to whoever waits for it
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  /** A child that is just starting is asked to end when it has. */
  async stop(): Promise<void> {
    await this.ready.catch(() => undefined);
    this.unwatch();
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const exited = once(this.process, 'exit');
    const killer = setTimeout(() => this.process.kill('SIGKILL'), STOP_MS);
    if (this.process.connected) this.process.disconnect();
    await exited;
    clearTimeout(killer);
  }

  private unwatch(): void {
    clearTimeout(this.starting);
    this.watchdog?.close();
  }
}
