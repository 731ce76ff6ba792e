import type { ChaosCase } from './case.js';

/** Every case of the fault matrix that the harness runs, in the order in which `--all` runs them. */
export const CASES: readonly ChaosCase[] = [];
