import { existsSync, mkdirSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const CONTROLLER = '/sys/fs/cgroup/blkio';
const WRITE_LIMIT = 'blkio.throttle.write_bps_device';

/** Why writes cannot be throttled here; undefined when they can. */
export function throttleMissing(): string | undefined {
  return existsSync(join(CONTROLLER, WRITE_LIMIT)) ? undefined : 'no blkio control group with a limit of writes';
}

/** A control group whose processes write to one disk no faster than they may. Direct writes are held back; what the kernel writes back by itself is not. */
export class SlowDisk {
  private readonly group: string;
  private readonly device: string;

  /** @param folder on the disk, which is a loop device of its own */
  constructor(folder: string, bytesPerSecond: number) {
    const { dev } = statSync(folder);
    this.device = `${dev >> 8}:${dev & 0xff}`;
    this.group = join(CONTROLLER, `ccarchiver-${process.pid}`);
    mkdirSync(this.group, { recursive: true });
    this.limit(bytesPerSecond);
  }

  /** The process, and the children that it starts from then on. */
  add(pid: number): void {
    writeFileSync(join(this.group, 'cgroup.procs'), `${pid}`);
  }

  /** 0: as fast as it can. */
  limit(bytesPerSecond: number): void {
    writeFileSync(join(this.group, WRITE_LIMIT), `${this.device} ${bytesPerSecond}`);
  }

  /** When its processes have ended. */
  remove(): void {
    rmdirSync(this.group);
  }
}
