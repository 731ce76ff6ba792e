import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Runs `script` again as a child that holds an exclusive lock on `lockFile`, and waits for it. The kernel frees the lock when its holder
 * ends, however it ends, so there is no stale lock to clear.
 * @returns the child's exit code (1 when a signal ended it); undefined when the flock command is missing
 */
export function runLocked(lockFile, script, args, stdio = 'inherit') {
  mkdirSync(dirname(lockFile), { recursive: true });
  const child = spawnSync('flock', [lockFile, process.execPath, script, '--locked', ...args], { stdio });
  if (child.error?.code === 'ENOENT') return undefined;
  if (child.error) throw child.error;
  return child.status ?? 1;
}
