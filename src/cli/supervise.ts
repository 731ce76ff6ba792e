import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { ERRORS } from '../model/errors.js';
import { distFile } from '../model/package.js';

/** Wait before a restart; doubled for each process in a row that ended before it served. */
const FIRST_WAIT_MS = 50;
const MOST_WAIT_MS = 10_000;
/** How long a process may take to end when it was asked to: it ends itself after 9 s. */
const END_MS = 15_000;

/** What a supervised process tells its supervisor, once: it archives. */
const SERVING = 'serving';

/** Child side: resets the supervisor's back-off. Without a supervisor it does nothing. */
export function tellServing(): void {
  if (process.connected) process.send?.(SERVING, undefined, {}, () => undefined); // a supervisor that has gone is noticed by its channel
}

/**
 * Runs a command of this program as a child, and again whenever it dies: by a signal that nobody asked for, or of a defect. SIGINT and SIGTERM close the
 * channel to the child, which then ends as by a signal; so does a child whose supervisor was killed. A second signal kills it.
 * @returns the exit code of a child that ended by itself
 */
export async function supervise(args: readonly string[]): Promise<number> {
  const supervisor = new Supervisor(args);
  try {
    return await supervisor.run();
  } finally {
    supervisor.close();
  }
}

class Supervisor {
  private readonly stopping = new AbortController();
  private child: ChildProcess | undefined;
  private readonly signalled = () => this.stop();

  constructor(private readonly args: readonly string[]) {
    process.on('SIGINT', this.signalled);
    process.on('SIGTERM', this.signalled);
  }

  async run(): Promise<number> {
    const { signal: stopped } = this.stopping;
    let unserved = 0;
    for (let restart = 1; ; restart++) {
      const { code, signal, served } = await this.runOnce();
      const isDead = signal !== null || code === ERRORS.INTERNAL.exit;
      if (!isDead) return code ?? 1;
      if (stopped.aborted) return 0; // it was to end, and the next run goes on with what is left
      unserved = served ? 0 : unserved + 1;
      const waitMs = Math.min(FIRST_WAIT_MS * 2 ** unserved, MOST_WAIT_MS);
      const cause = signal ?? `exit code ${code}`;
      process.stderr.write(`ccarchiver: restart ${restart}: the archiver died (${cause}), again in ${waitMs} ms\n`);
      await delay(waitMs, undefined, { signal: stopped }).catch(() => undefined);
      if (stopped.aborted) return 0;
    }
  }

  close(): void {
    process.off('SIGINT', this.signalled);
    process.off('SIGTERM', this.signalled);
  }

  private async runOnce() {
    const child = fork(distFile('src/cli/main.js'), this.args);
    this.child = child;
    let served = false;
    child.on('message', (message) => {
      served ||= message === SERVING;
    });
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    return { code, signal, served };
  }

  private stop(): void {
    const { child } = this;
    const isSecond = this.stopping.signal.aborted;
    this.stopping.abort();
    if (isSecond) child?.kill('SIGKILL');
    else if (child?.connected) {
      child.disconnect();
      setTimeout(() => child.kill('SIGKILL'), END_MS).unref();
    }
  }
}
