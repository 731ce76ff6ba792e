import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

function mount(options: string): string | undefined {
  const path = mkdtempSync(join(tmpdir(), 'ccarchiver-disk-'));
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'none', path]).status === 0) return path;
  rmSync(path, { recursive: true });
  return undefined;
}

function unmount(path: string): void {
  spawnSync('umount', ['-l', path]);
  rmSync(path, { recursive: true, force: true });
}

/** A memory disk of its own with these mount options, until the test ends. */
export function memoryDisk(options: string): string {
  const path = mount(options);
  if (path === undefined) throw new Error('a memory disk could be mounted before');
  onTestFinished(() => unmount(path));
  return path;
}

export function whyNoMemoryDisk(): string | undefined {
  const path = mount('size=1m');
  if (path === undefined) return 'a memory disk can be mounted by root only';
  unmount(path);
  return undefined;
}
