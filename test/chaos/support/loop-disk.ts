import { spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { builtProgram } from './native.js';

/** An ext4 of its own in a file, whose power can be cut. Needs root. */
export class LoopDisk {
  readonly folder: string;
  readonly #image: string;

  constructor(place: string, name: string, megabytes: number) {
    this.folder = join(place, name);
    this.#image = join(place, `${name}.img`);
    mkdirSync(this.folder, { recursive: true });
    const file = openSync(this.#image, 'w');
    ftruncateSync(file, megabytes << 20);
    closeSync(file);
    run('mkfs.ext4', '-q', '-F', this.#image);
    this.mount();
  }

  /** Replays the journal after a cut. */
  mount(): void {
    run('mount', '-o', 'loop', this.#image, this.folder);
  }

  unmount(): void {
    run('umount', this.folder);
  }

  /** From now on every operation fails, and what was not in the journal is gone. @returns the time right before, as process.hrtime.bigint() gives it */
  cut(): bigint {
    return BigInt(run(builtProgram('cut'), this.folder));
  }
}

/** @returns what it printed */
function run(program: string, ...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed: ${error?.message ?? stderr}`);
  return stdout.trim();
}
