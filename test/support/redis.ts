import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { keptTempDir } from './kept-temp.js';

/** Why tests that need a Redis cannot run; undefined when they can. */
export const REDIS_MISSING =
  spawnSync('redis-server', ['--version']).status === 0 ? undefined : 'redis-server not found';

/** A real Redis of the test's own on a free loopback port, which can be killed and started again on the same data. */
export class RedisServer {
  readonly #folder = keptTempDir();
  #process: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    private readonly settings: readonly string[],
  ) {}

  /**
   * @param settings further arguments of redis-server; by default nothing is evicted, and what was answered is in its append-only file: with a sync
   * each second only, a write may wait for the last one, and a kill at that moment takes it
   */
  static async start(
    settings: readonly string[] = ['--appendonly', 'yes', '--appendfsync', 'always'],
  ): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), settings);
    await server.start();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const place = ['--port', `${this.port}`, '--bind', '127.0.0.1', '--dir', this.#folder.path, '--save', ''];
    this.#process = spawn('redis-server', [...place, ...this.settings], { stdio: 'ignore' });
    for (let left = 200; this.cli('ping') !== 'PONG'; left--) {
      if (left === 0) throw new Error(`redis-server on ${join(this.#folder.path)} does not answer`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  /** What redis-cli prints for a command. */
  cli(...command: string[]): string {
    return spawnSync('redis-cli', ['-p', `${this.port}`, ...command], { encoding: 'utf8' }).stdout.trim();
  }

  async kill(): Promise<void> {
    const running = this.#process;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, 'exit');
    running.kill('SIGKILL');
    await ended;
  }

  async remove(): Promise<void> {
    await this.kill();
    this.#folder.remove();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** Polls until it is true, for 10 s. */
export async function eventually(what: () => Promise<boolean>): Promise<void> {
  for (let left = 400; !(await what()); left--) {
    if (left === 0) throw new Error('it did not come about in 10 s');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
