import { createHash } from 'node:crypto';
import type { Amplifier, Camera, Ccd, CrosstalkTable } from './types.js';

/** The coefficients of one CCD, ready for use: they need the gains of its amplifiers unless they are given in adu. */
export interface CcdCrosstalk {
  readonly table: CrosstalkTable;
  /** e-/adu per amplifier in FITS order; empty for a table in adu. */
  readonly gains: readonly number[];
}

/** What a CCD is corrected with; null when its coefficients, or the gains that they need, are not known: it has no corrected product. */
export function crosstalkOf(camera: Camera, ccd: Ccd): CcdCrosstalk | null {
  const table = ccd.crosstalk === null ? undefined : camera.crosstalk[ccd.crosstalk];
  if (table === undefined) return null;
  if (table.units === 'adu') return { table, gains: [] };
  return ccd.amplifiers === null ? null : { table, gains: ccd.amplifiers.map(({ gain }: Amplifier) => gain) };
}

/**
 * Coefficients in adu, [source][target]: c * g_s / g_t and c2 * g_s^2 / g_t, computed in float64 and stored as float32
 * (Rubin raw format: correction on raw DAQ counts).
 */
export function aduCoefficients({ table, gains }: CcdCrosstalk): { linear: Float32Array; quadratic: Float32Array } {
  const count = Math.sqrt(table.linear.length);
  const gain = (amplifier: number) => gains[amplifier] ?? 1;
  const scaled = (values: readonly number[], power: 1 | 2) =>
    Float32Array.from(values, (c, i) => (c * gain(Math.floor(i / count)) ** power) / gain(i % count));
  return { linear: scaled(table.linear, 1), quadratic: scaled(table.quadratic, 2) };
}

/**
 * The XTALKSUM card: SHA-256, in lower-case hex, of everything that decides the correction. Canonical form: the table's unit in ASCII and one zero
 * byte, then as little-endian IEEE 754 float64 the linear coefficients [source][target], the quadratic ones, and the gains in FITS order
 * (none for a table in adu).
 */
export function crosstalkDigest({ table, gains }: CcdCrosstalk): string {
  const values = [...table.linear, ...table.quadratic, ...gains];
  const bytes = Buffer.alloc(values.length * 8);
  values.forEach((value, i) => {
    bytes.writeDoubleLE(value, i * 8);
  });
  return createHash('sha256').update(`${table.units}\0`, 'ascii').update(bytes).digest('hex');
}
