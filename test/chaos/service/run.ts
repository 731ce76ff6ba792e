import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { distFile } from '../../../src/model/package.js';

export interface RunOptions {
  readonly supervise: boolean;
  readonly root: string;
  readonly camera: string;
  readonly daq: string;
  /** CCARCHIVER_* variables. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Other variables. */
  readonly environment?: Readonly<Record<string, string>>;
}

const SMALL_POOL = { CCARCHIVER_POOL__MEGABYTES: '64' };

/** `ccarchiver run` as a user starts it, and its processes. */
export class ServiceRun {
  stderr = '';
  /** Resolves when the process and its output have ended. */
  readonly ended: Promise<unknown>;
  private readonly child: ChildProcess;

  constructor({ supervise, root, camera, daq, settings = SMALL_POOL, environment }: RunOptions) {
    const args = ['run', ...(supervise ? ['--supervise'] : []), '--root', root, '--camera', camera, '--daq', daq];
    this.child = spawn(process.execPath, [distFile('src/cli/main.js'), ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, CCARCHIVER_WEB__PORT: '0', ...settings, ...environment },
    });
    this.ended = once(this.child, 'close');
    this.child.stderr?.on('data', (text) => {
      this.stderr += text;
    });
  }

  /** Of the process that was started. */
  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Assemblers of a run without a supervisor. */
  get childrenOfRun(): number[] {
    return childrenOf(this.child.pid);
  }

  /** The process that archives under a supervisor; undefined between two of them. */
  get coordinator(): number | undefined {
    return childrenOf(this.child.pid)[0];
  }

  /** The assembler that serves, and the one that stands ready. */
  get assemblers(): number[] {
    return childrenOf(this.coordinator);
  }

  /** By SIGTERM. @returns exit code, and milliseconds until then */
  async end(): Promise<{ readonly code: number | null; readonly ms: number }> {
    const start = performance.now();
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const [code] = (await ended) as [number | null];
    return { code, ms: performance.now() - start };
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }
}

function childrenOf(pid: number | undefined): number[] {
  if (pid === undefined) return [];
  const { stdout } = spawnSync('pgrep', ['-P', `${pid}`], { encoding: 'utf8' });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
}
