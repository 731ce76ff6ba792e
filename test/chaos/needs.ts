import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Need } from './case.js';
import { preloadMissing } from './support/shim.js';
import { throttleMissing } from './support/slow-disk.js';

const found = (tool: string, flag = '--version') => spawnSync(tool, [flag], { stdio: 'ignore' }).error === undefined;

const MISSING: Readonly<Record<Need, () => string | undefined>> = {
  root: () => (process.getuid?.() === 0 ? undefined : 'needs root'),
  loop: () => {
    if (!existsSync('/dev/loop-control')) return 'no loop devices';
    return found('mkfs.ext4', '-V') ? undefined : 'mkfs.ext4 not found';
  },
  throttle: throttleMissing,
  preload: preloadMissing,
  faketime: () => (found('faketime') ? undefined : 'faketime not found'),
  redis: () => (found('redis-server') ? undefined : 'redis-server not found'),
};

/** Why a case cannot run on this machine; undefined when it can. */
export function missingOf(needs: readonly Need[]): string | undefined {
  return needs.map((need) => MISSING[need]()).find((reason) => reason !== undefined);
}
