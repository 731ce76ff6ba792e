import { describe, expect, it } from 'vitest';
import { aduCoefficients, ccdBySlot, crosstalkDigest, crosstalkOf, sourceLayout } from '../../src/camera/geometry.js';
import { loadCamera } from '../../src/camera/load.js';
import type { Camera } from '../../src/camera/types.js';

const camera = loadCamera('comcam');
const knownOf = (from: Camera, bay: string, sensor: string) => crosstalkOf(from, ccdBySlot(from, bay, sensor).ccd);
const comcam = (sensor: string) => {
  const found = knownOf(camera, 'R22', sensor);
  if (found === null) throw new Error(`${sensor} has no coefficients`);
  return found;
};

/** Rubin raw format, golden test A: subtracted per amplifier when C12 alone holds 100000 e. */
const FROM_C12 = {
  linear: [
    4.919703, 20.291487, 0, 24.696412, 8.775704, 5.206467, 0.906449, 0.045036, 0.352814, 0.121239, 0.179729, 0.190236,
    0.410374, 0.24769, 0.001132, 0.139801,
  ],
  both: [
    3.561051, 18.753875, 0, 23.551748, 7.122691, 3.333514, -0.33095, -0.574281, -0.334336, -0.442749, -0.472026,
    -0.506078, -0.284022, -0.260256, -0.599175, -0.411023,
  ],
};
/** Golden test D: signal above the pedestal, and what is subtracted, in adu with the gains of S00. */
const SIGNAL = [1000, 1000, 90000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 130000, 1000, 1000, 1000, 1000];
const SUBTRACTED = {
  linear: [
    4.778032, 18.57556, 0.737121, 22.986292, 8.948057, 5.427503, 1.295456, 0.524103, 1.924006, 5.382031, 26.141387,
    0.831427, 35.250396, 17.25624, 7.620522, 1.771038,
  ],
  both: [
    2.091048, 15.558603, -0.511158, 20.237666, 5.58385, 1.695168, -1.202116, -1.534344, -0.972022, 1.404321, 16.495538,
    0.114845, 22.617679, 11.21203, 3.649856, -0.287195,
  ],
};

function subtracted(linear: ArrayLike<number>, quadratic: ArrayLike<number> | null, signal: number[]): number[] {
  return signal.map((_, t) =>
    signal.reduce((sum, s, from) => {
      const at = from * signal.length + t;
      return sum + (linear[at] ?? Number.NaN) * s + (quadratic === null ? 0 : (quadratic[at] ?? Number.NaN)) * s * s;
    }, 0),
  );
}

function expectClose(actual: number[], expected: number[], digits: number): void {
  expect(actual).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, digits);
}

describe('ComCam crosstalk', () => {
  it('gives the published subtraction for one bright amplifier, so [source][target] is not transposed', () => {
    const { linear, quadratic } = comcam('S00').table;
    const signal = SIGNAL.map((_, i) => (i === 2 ? 100000 : 0));
    expectClose(subtracted(linear, null, signal), FROM_C12.linear, 6);
    expectClose(subtracted(linear, quadratic, signal), FROM_C12.both, 6);
  });

  it('in adu gives the published subtraction with the gains of S00', () => {
    const { linear, quadratic } = aduCoefficients(comcam('S00'));
    expectClose(subtracted(linear, null, SIGNAL), SUBTRACTED.linear, 4);
    expectClose(subtracted(linear, quadratic, SIGNAL), SUBTRACTED.both, 4);
  });

  it('in adu is what the addon gets, and differs from CCD to CCD with their gains', () => {
    const ccds = sourceLayout(camera, '22/0', { corrected: true }).ccds;
    expect(ccds.map(({ crosstalk }) => crosstalk)).toEqual(
      ['S00', 'S01', 'S02'].map((s) => aduCoefficients(comcam(s))),
    );
    expect(ccds[0]?.crosstalk).not.toEqual(ccds[1]?.crosstalk);
  });

  it('is rounded to float32 once, after the arithmetic in float64', () => {
    const { table, gains } = comcam('S00');
    const [g0 = 0, g1 = 0] = gains;
    const { linear, quadratic } = aduCoefficients({ table, gains });
    expect(linear[1]).toBe(Math.fround(((table.linear[1] ?? 0) * g0) / g1));
    expect(quadratic[16]).toBe(Math.fround(((table.quadratic[16] ?? 0) * g1 ** 2) / g0));
  });

  it('has a name that fits its card', () => {
    for (const { name } of Object.values(camera.crosstalk)) expect(name.length).toBeLessThanOrEqual(68);
  });
});

describe('a table in adu', () => {
  const table = {
    name: 'toy',
    units: 'adu',
    source: 'test',
    linear: [0, 1e-4, 2e-4, 0],
    quadratic: [0, 1e-9, 0, 0],
  } as const;

  it('is used as it is, without gains', () => {
    const inAdu = { ...camera, crosstalk: { 'comcam-itl-median': table } };
    expect(knownOf(inAdu, 'R22', 'S00')).toEqual({ table, gains: [] });
    const { linear, quadratic } = aduCoefficients({ table, gains: [] });
    expect([...linear, ...quadratic]).toEqual([...table.linear, ...table.quadratic].map(Math.fround));
  });
});

describe('coefficients that cannot be used', () => {
  it('are none: LSSTCam and LATISS have no table', () => {
    expect(knownOf(loadCamera('lsstcam'), 'R22', 'S11')).toBeNull();
    expect(knownOf(loadCamera('latiss'), 'R00', 'S00')).toBeNull();
  });

  it('are those in electrons of a CCD whose gains are not known', () => {
    const { ccd } = ccdBySlot(camera, 'R22', 'S00');
    expect(crosstalkOf(camera, { ...ccd, amplifiers: null })).toBeNull();
  });
});

describe('digest of the coefficients', () => {
  // Computed from the published files with another program (Python: struct, hashlib).
  it.each([
    ['S00', 'ba5bf06912c48bfe81f33ecef33ac8adca611440fa084ccf9b9e00d100138928'],
    ['S22', '9a3b88e0236013d81d3964d72933f488dfe87dfe0ae15ca5f5127b3961e59ef2'],
  ])('of %s is the SHA-256 of its canonical form', (sensor, digest) => {
    expect(crosstalkDigest(comcam(sensor))).toBe(digest);
  });

  it('changes with any coefficient, gain or unit', () => {
    const { table, gains } = comcam('S00');
    const bumped = (values: readonly number[]) => values.map((value, i) => (i === 7 ? value * (1 + 2 ** -50) : value));
    const digests = [
      { table, gains },
      { table: { ...table, linear: bumped(table.linear) }, gains },
      { table: { ...table, quadratic: bumped(table.quadratic) }, gains },
      { table: { ...table, units: 'adu' as const }, gains },
      { table, gains: bumped(gains) },
    ].map(crosstalkDigest);
    expect(new Set(digests).size).toBe(digests.length);
  });
});
