import { sensorTypeOf } from '../../src/camera/geometry.js';
import type { Camera } from '../../src/camera/types.js';

/** A header package of every CCD of a camera, small: what is in it tells which section it came from. */
export function headerPackage(obsid: string, camera: Camera): string {
  const record = (keyword: string, value: string) => `- keyword: ${keyword}\n  value: ${value}\n  comment: ''\n`;
  const lines = [`PRIMARY:\n${record('OBSID', obsid)}${record('OBJECT', 'LVV-T1549')}`];
  for (const { bay, rebs } of camera.rafts) {
    for (const ccd of rebs.flatMap((reb) => reb.ccds)) {
      const slot = `${bay}${ccd.sensor}`;
      lines.push(`${slot}_PRIMARY:\n${record('TESTSLOT', slot)}`);
      for (const { name } of sensorTypeOf(camera, ccd).segments) {
        lines.push(`${slot}_${name}:\n${record('TESTSEG', `${slot}_${name}`)}`);
      }
    }
  }
  return lines.join('');
}
