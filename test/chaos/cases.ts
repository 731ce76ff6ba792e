import { bitFlips } from './bit-flips.js';
import type { ChaosCase } from './case.js';
import { clockJumps } from './clock-jumps.js';
import { combined } from './combined.js';
import { crashPoints } from './crash-points.js';
import { crashService } from './crash-service.js';
import { daqFaults } from './daq-faults.js';
import { headerFaults } from './header-faults.js';
import { ioErrors } from './io-errors.js';
import { killAssembler } from './kill-assembler.js';
import { killLoop } from './kill-loop.js';
import { messages } from './messages.js';
import { names } from './names.js';
import { powerCut, splitPowerCut } from './power-cut.js';
import { sameName } from './same-name.js';
import { sigterm } from './sigterm.js';
import { slowDisk } from './slow-disk.js';
import { slowFsync } from './slow-fsync.js';

/** Every case of the fault matrix that the harness runs, in the order in which `--all` runs them. */
export const CASES: readonly ChaosCase[] = [
  crashPoints,
  crashService,
  ioErrors,
  slowFsync,
  powerCut,
  splitPowerCut,
  bitFlips,
  messages,
  daqFaults,
  headerFaults,
  killAssembler,
  killLoop,
  combined,
  sigterm,
  clockJumps,
  names,
  sameName,
  slowDisk,
];
