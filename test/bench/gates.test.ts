import { expect, it } from 'vitest';
import { GATES } from '../../bench/gates.js';

it('the promised figures are these, and none is lowered', () => {
  const lines = GATES.map(({ case: id, quantity, contender, limit, value: { avx512, avx2 }, diskFloor }) =>
    [`${id}/${contender ?? quantity}`, limit, avx512, avx2, ...(diskFloor === undefined ? [] : [diskFloor])].join(' '),
  );
  expect(lines).toEqual([
    'rice-encode/cfitsio at least 14 11',
    'rice-decode/cfitsio at least 10 6',
    'ccd-memory/cfitsio at least 16 12',
    'raft-disk/cfitsio at least 13 9 2000000000',
    'raft-disk/numpy+astropy at least 50 35 2000000000',
    'raft-disk/o-direct-write at least 0.55 0.55',
    `kernel/memcpy at least ${1 / 3} ${1 / 3}`,
    'kernel/nodeOverKernel at most 1.05 1.05',
    'raft-paced/ms at most 100 100',
    `focal-plane/packedGBs at least ${1.3 * 3.6} ${1.3 * 3.6}`,
    'focal-plane/ms at most 2000 2000',
    'crosstalk+both/timeOfBase at most 1.9 1.9',
    'kernel+both/timeOfBase at most 1.9 1.9',
    'ccd-memory+both/timeOfBase at most 1.9 1.9',
    'raft-disk+both/timeOfBase at most 1.9 1.9',
    'catch-up/timesLive at least 2 2',
    'latency/presenceP99Ms at most 5 5',
    'raft-disk/ownRssBytes at most 600000000 600000000',
    'raft-paced/ownRssBytes at most 600000000 600000000',
    'focal-plane/peakRssBytes at most 6000000000 6000000000',
  ]);
});
