import { expect, it } from 'vitest';
import { ccdBySlot, sensorTypeOf } from '../../src/camera/geometry.js';
import { loadCamera } from '../../src/camera/load.js';
import { wcsValues } from '../../src/fits/wcs.js';

it('the LATISS bay counts as place (1, 0) of the focal plane, whatever the digits of R00 say', () => {
  const camera = loadCamera('latiss');
  const { raft, ccd } = ccdBySlot(camera, 'R00', 'S00');
  const segment = sensorTypeOf(camera, ccd).segments[0];
  if (segment === undefined) throw new Error('LATISS has no segment');
  const values = Object.fromEntries(wcsValues({ camera, raft, ccd }, segment));
  expect(values.CRVAL1F).toBe(Number(values.CRVAL1R) + 12700);
  expect(values.CRVAL2F).toBe(values.CRVAL2R);
});
