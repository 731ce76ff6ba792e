import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../src/model/errors.js';
import type { ImageRow } from '../../src/stage/port.js';
import { emulation } from '../daq/emulation.js';
import { SMALL_CAMERA, type TestImage, testImage } from '../daq/images.js';
import { type Archived, archive, codes, filesBelow } from '../support/archive.js';

const REB1 = ['S10', 'S11', 'S12'];

/** One night in which every image has another fault, always in REB 22/1. */
async function night(faults: readonly object[], settings = {}): Promise<Archived & { names: string[] }> {
  const names = faults.map((_, index) => `CC_S_20261121_${String(index + 1).padStart(6, '0')}`);
  const stored = names.map((name) => testImage(name)) as unknown as readonly [TestImage, ...TestImage[]];
  const script = faults.map((fault, index) => ({ image: names[index], location: '22/1', ...fault }));
  const { emulator } = await emulation({ stored, script, start: 'first-subscriber' });
  const archived = await archive({ address: emulator.address, camera: SMALL_CAMERA, count: names.length, settings });
  expect(archived.refused).toEqual([]);
  expect(archived.rows.map(({ obsid }) => obsid).sort()).toEqual(names);
  return { ...archived, names };
}

function rowOf({ rows }: Archived, obsid: string): ImageRow {
  return rows.find((row) => row.obsid === obsid) ?? expect.fail(`no row of ${obsid}`);
}

/** The three CCDs of the faulty REB are missing with that code, in both products; the other six are archived and staged. */
function expectOnlyReb1Missing(archived: Archived, obsid: string, code: ErrorCode): void {
  const row = rowOf(archived, obsid);
  expect(row.state).toBe('incomplete');
  expect(row.failures.map(({ sensor, product, error }) => `${sensor} ${product} ${error.code}`).sort()).toEqual(
    REB1.flatMap((sensor) => ['corrected', 'raw'].map((product) => `${sensor} ${product} ${code}`)),
  );
  expect(row.files).toHaveLength(12);
  expect(row.files.every(({ state, file }) => state === 'sealed' && !REB1.includes(file.sensor))).toBe(true);
  expect(row.files.flatMap(({ deliveries }) => deliveries).every(({ state }) => state === 'delivered')).toBe(true);
  for (const folder of ['archive', 'corrected', 'oods', 'dbb', 'bucket']) {
    const names = filesBelow(join(archived.root, folder)).filter((name) => name.includes(obsid));
    expect(names.filter((name) => /_S1\d\./.test(name))).toEqual([]);
    expect(names).toHaveLength(12);
  }
  expect(filesBelow(join(archived.root, '.tmp'))).toEqual([]);
}

describe('a REB that fails for good', () => {
  it('costs its own three CCDs, each with the reason, and no other CCD or image', async () => {
    const faults: [ErrorCode, object][] = [
      ['DAQ_NO_SOURCE', { kind: 'missing' }],
      ['SOURCE_TRUNCATED', { kind: 'truncate', at: 300_001, done: true }],
      ['SOURCE_EMPTY', { kind: 'empty' }],
      ['SOURCE_CRC', { kind: 'corrupt', at: 500_000, stored: true, times: 99 }],
    ];
    const archived = await night(faults.map(([, fault]) => fault));
    faults.forEach(([code], index) => {
      expectOnlyReb1Missing(archived, archived.names[index] ?? '', code);
    });
    // Told once for the REB, not once for each of its files.
    expect(codes(archived.problems)).toEqual(faults.map(([code]) => code).sort());
  });

  it('is given up at the source deadline when its stream has no end, or stalls', async () => {
    const archived = await night(
      [
        { kind: 'truncate', at: 300_001 },
        { kind: 'stall', at: 300_001, ms: 20_000 },
      ],
      { deadlines: { source: 2, header: 2, image: 5 } },
    );
    for (const name of archived.names) expectOnlyReb1Missing(archived, name, 'SOURCE_DEADLINE');
    expect(codes(archived.problems)).toEqual(['SOURCE_DEADLINE', 'SOURCE_DEADLINE']);
  });
});

describe('a fault that passes', () => {
  it('costs nothing: damaged and cut reads are repeated, doubled and disordered notices change nothing', async () => {
    const archived = await night([
      { kind: 'corrupt', at: 500_000, stored: true },
      { kind: 'corrupt', at: 500_000, times: 2 },
      { kind: 'disconnect', at: 400_000, times: 3 },
      { kind: 'duplicate' },
      { kind: 'reorder' },
      { kind: 'stall', at: 100_000, ms: 200 },
      { kind: 'delay', ms: 100, times: 3 },
    ]);
    expect(archived.rows.map(({ obsid, state, files }) => [obsid, state, files.length]).sort()).toEqual(
      archived.names.map((name) => [name, 'complete', 18]),
    );
    expect(archived.rows.flatMap(({ failures }) => failures)).toEqual([]);
  });
});
