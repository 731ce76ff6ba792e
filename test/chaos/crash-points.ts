import type { ChaosCase } from './case.js';
import { runPoints } from './storage/points.js';

/**
 * The storage layer in a process of its own is killed at the n-th operation that changes a file (made, written, synced, named, removed: archive,
 * ledger, targets and manifests), for every n of every scenario in turn; then it is started again on what is left.
 */
export const crashPoints: ChaosCase = {
  name: 'crash-points',
  promise:
    'A kill at any file operation of writer, ledger and hand-off loses nothing that was acknowledged, and leaves no partial name and no second effect.',
  needs: ['preload'],
  units: { test: 12, all: 100, full: 6400 },
  unit: 'crash points',
  run: (context) =>
    runPoints(context, {
      strike: ({ at }) => ({ action: 'kill', at }),
      ending: ({ told: { signal, code, stderr } }) =>
        signal === 'SIGKILL' || code === 0 ? undefined : `the child ended by itself with ${code ?? signal}: ${stderr}`,
      hasControl: true,
    }),
};
