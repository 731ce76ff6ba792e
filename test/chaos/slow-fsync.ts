import type { ChaosCase } from './case.js';
import { runPoints } from './storage/points.js';

const SYNCS_AMONG_OPERATIONS = 5;
/** A disk that takes so long for three fsyncs in a row; the small sizes scale it down. */
const SLOW_MS = { full: 5_000, small: 500 };
const FULL = 200;

export const slowFsync: ChaosCase = {
  name: 'slow-fsync',
  promise:
    'A disk that takes seconds for an fsync costs latency: no work is given out twice, nothing is acknowledged before it is durable.',
  needs: ['preload'],
  units: { test: 2, all: 16, full: FULL },
  unit: 'stalls of three fsyncs',
  run: (context) => {
    const delayMs = context.units.of >= FULL ? SLOW_MS.full : SLOW_MS.small;
    return runPoints(context, {
      strike: ({ at }) => ({
        action: 'delay',
        at: Math.ceil(at / SYNCS_AMONG_OPERATIONS),
        times: 3,
        onlySyncs: true,
        delayMs,
      }),
      ending: ({ told }) => (told.code === 0 ? undefined : `the child ended with ${told.code ?? told.signal}`),
      hasControl: false,
    });
  },
};
