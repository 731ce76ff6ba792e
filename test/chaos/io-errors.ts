import { constants } from 'node:os';
import type { ChaosCase } from './case.js';
import type { Struck } from './storage/faulted.js';
import { runPoints } from './storage/points.js';
import type { Strike } from './support/shim.js';

const { EIO, ENOSPC, EDQUOT, EROFS, EACCES } = constants.errno;

/** What one operation meets; the next ones succeed again. */
const FAULTS: readonly Omit<Strike, 'at'>[] = [
  { action: 'fail', error: EIO },
  { action: 'fail', error: ENOSPC },
  { action: 'shorten' },
  { action: 'fail', error: EIO, onlySyncs: true },
  { action: 'fail', error: EROFS, times: 3 },
  { action: 'fail', error: EDQUOT },
  { action: 'fail', error: EACCES },
];
/** fsyncs are about a fifth of all operations. */
const SYNCS_AMONG_OPERATIONS = 5;

/** A start may be refused; once the layer works, an error that passes must be healed by itself. */
function ending({ told }: Struck): string | undefined {
  const hasWorked = told.lines.length > 0;
  if (told.code === 0 || (!hasWorked && told.signal === null)) return undefined;
  return `the child ended with ${told.code ?? told.signal} after it had worked: ${told.stderr}`;
}

export const ioErrors: ChaosCase = {
  name: 'io-errors',
  promise:
    'A file operation that fails or writes too little is never acknowledged: it is done again by itself, and the layer that was refused its start works at the next one.',
  needs: ['preload'],
  units: { test: 7, all: 70, full: 2000 },
  unit: 'faults',
  run: (context) =>
    runPoints(context, {
      strike: ({ at }, unit) => {
        const fault = FAULTS[unit % FAULTS.length] as Omit<Strike, 'at'>;
        return { ...fault, at: fault.onlySyncs ? Math.ceil(at / SYNCS_AMONG_OPERATIONS) : at };
      },
      ending,
      hasControl: false,
    }),
};
