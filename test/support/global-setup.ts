import { spawnSync } from 'node:child_process';
import { packageRoot } from '../../src/model/package.js';
import type { Oracles } from './oracles.js';

interface Project {
  provide(key: 'oracles', value: Oracles): void;
}

/** Runs once before all test files: finds or fetches the oracles and hands them to the test processes. */
export default function setup(project: Project): void {
  const child = spawnSync(process.execPath, ['scripts/oracles.mjs'], {
    cwd: packageRoot(),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.status !== 0) throw new Error(`scripts/oracles.mjs ended with ${child.signal ?? child.status}`);
  project.provide('oracles', JSON.parse(child.stdout) as Oracles);
}
