import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildCameraFiles } from '../../fixtures/camera/build.js';
import { prettyJson } from '../../fixtures/camera/json.js';
import { packageRoot } from '../../src/model/package.js';
import { describeReal, realData } from '../support/real-data.js';

describeReal('generated camera data', ['camera/comCam_R22.yaml', 'crosstalk/comCam_r22_s00.ecsv'], () => {
  it('is byte for byte what the program ships', () => {
    const files = buildCameraFiles(realData('.'));
    expect(Object.keys(files).sort()).toEqual(['comcam.json', 'latiss.json', 'lsstcam.json']);
    for (const [file, text] of Object.entries(files)) {
      expect(readFileSync(join(packageRoot(), 'src', 'camera', file), 'utf8')).toBe(text);
    }
  });
});

describe('pretty JSON', () => {
  it('keeps every value', () => {
    const value = {
      a: [],
      b: {},
      c: null,
      d: [1e-12, -0.1],
      e: Array.from({ length: 40 }, (_, i) => i / 3),
      f: [[{ g: 'x'.repeat(200) }]],
    };
    expect(JSON.parse(prettyJson(value))).toEqual(value);
  });

  it('writes sixteen numbers to a line and short objects on one', () => {
    const text = prettyJson({ matrix: Array.from({ length: 32 }, () => 0), amplifier: { gain: 1.3, readNoise: 8 } });
    expect(text.split('\n').filter((line) => line.split(', ').length === 16)).toHaveLength(2);
    expect(text).toContain('"amplifier": { "gain": 1.3, "readNoise": 8 }');
  });
});
