import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseCamera } from '../../src/camera/load.js';
import { packageRoot } from '../../src/model/package.js';

/** Path in the file, the value put there (undefined removes it), and what the message must name. */
type Mutation = readonly [path: string, value: unknown, named?: string];

const text = (name: string) => readFileSync(join(packageRoot(), 'src', 'camera', `${name}.json`), 'utf8');
const REB = 'rafts.0.rebs.0';
const ITL = 'sensorTypes.ITL-3800C';
const TABLE = 'crosstalk.comcam-itl-median';
const TOO_LONG = 'x'.repeat(69);
const DIGITS = Array.from({ length: 16 }, (_, i) => i);

/** In comcam.json. */
const SHAPES: readonly Mutation[] = [
  ['extra', 1, 'extra'],
  ['site.height', 1, 'height'],
  [`${REB}.ccds.0.vendor`, 'ITL', 'vendor'],
  [`${ITL}.segments.3.biassec`, '[1:2,1:2]', 'biassec'],
  ['name', undefined],
  ['name', 'ComCam'],
  ['instrument', '../LSSTComCam'],
  ['instrument', ''],
  ['instrume', "Com'Cam"],
  ['telescope', 'Télescope'],
  ['telescope', TOO_LONG],
  ['code', 'C'],
  ['site.latitude', -91],
  ['site.longitude', '-70.7'],
  ['site.geocentric', [1, 2]],
  ['sources', undefined],
  ['rafts', []],
  ['rafts.0.bay', 'R55'],
  ['rafts.0.name', null],
  ['rafts.0.grid', [2, 5]],
  [`${REB}.location`, '22/3'],
  [`${REB}.board`, 'Reb9'],
  [`${REB}.serial`, '18EDFC9B'],
  [`${REB}.ccds`, []],
  [`${REB}.ccds.0.sensor`, 'S33'],
  [`${REB}.ccds.0.detector`, -1],
  [`${REB}.ccds.0.detector`, 0.5],
  [`${REB}.ccds.0.lsstNum`, undefined],
  [`${REB}.ccds.0.amplifiers.4.gain`, 0],
  [`${REB}.ccds.0.amplifiers.4.readNoise`, -1],
  ['readouts.science.xor', 0x200000],
  ['readouts.science.xor', 1.5],
  ['readouts.science.sensorType', 4],
  ['readouts.science.channels.0.3', 16],
  [`${ITL}.pixelNs`, 0],
  [`${ITL}.columns`, 0],
  [`${ITL}.datasec`, '4:512,1:2000'],
  [`${ITL}.sequencer.checksum`, undefined],
  [`${ITL}.segments`, []],
  [`${ITL}.segments.0.dtm`, [0, 1]],
  [`${ITL}.segments.0.pcParallelSerial`, [0, -1, -1]],
  [`${ITL}.segments.0.name`, 'Segment18'],
  [`${TABLE}.name`, TOO_LONG],
  [`${TABLE}.name`, ''],
  [`${TABLE}.units`, 'volt'],
  [`${TABLE}.linear.5`, 0.2],
  [`${TABLE}.linear.5`, null],
  [`${TABLE}.quadratic.5`, 1e-5],
];

const CONTRADICTIONS: readonly Mutation[] = [
  ['rafts.0.rebs.1.location', '22/0', 'location 22/0 twice'],
  ['rafts.0.rebs.1.board', 'Reb0', 'board Reb0 twice'],
  [`${REB}.ccds.1.sensor`, 'S00', 'slot S00 twice'],
  ['rafts.0.rebs.2.ccds.1.detector', 0, 'detector 0 twice'],
  [`${REB}.location`, '21/0', 'not in bay R22'],
  [`${REB}.readout`, 'guider', 'no readout "guider"'],
  [`${REB}.readout`, 'toString', 'no readout "toString"'],
  [`${REB}.ccds.2`, undefined, 'needs 3 CCDs'],
  [`${REB}.ccds.0.type`, 'CCD42', 'no sensor type "CCD42"'],
  [`${REB}.ccds.0.crosstalk`, 'measured', 'no crosstalk table "measured"'],
  [`${REB}.ccds.0.amplifiers.15`, undefined, 'one per segment'],
  ['readouts.science.groups', 2, 'sensor type'],
  ['readouts.science.group', [2, 1, 1], 'each of the 16 channels'],
  ['readouts.science.group', [2, 1], 'one per CCD'],
  ['readouts.science.channels.0', DIGITS.slice(1), 'each of the 16 channels'],
  ['readouts.science.channels.0', [0, ...DIGITS.slice(0, 15)], 'each of the 16 channels'],
  ['readouts.science.channels.2', undefined, 'one per CCD'],
  [`${ITL}.columns`, 577, 'underCols + readCols + overCols'],
  [`${ITL}.overRows`, 47, 'readRows + overRows'],
  [`${ITL}.pedestal`, [511, 576], 'serial overscan'],
  [`${ITL}.pedestal`, [517, 577], 'serial overscan'],
  [`${ITL}.pedestal`, [576, 576], 'serial overscan'],
  [`${ITL}.datasec`, '[1:509,1:2000]', 'imaging region'],
  [`${ITL}.segments.15`, undefined, '15 segments'],
  [`${ITL}.segments.1.name`, 'Segment10', 'Segment10 twice'],
  [`${ITL}.segments.1.amplifier`, 'C10', 'is not C11'],
  [`${ITL}.segments.1.detsec`, '[1017:509,1:2000]', 'DTV and DTM'],
  [`${ITL}.segments.1.dtv`, [1021, 0], 'DTV and DTM'],
  [`${ITL}.segments.1.assembled`, [508, 2000], 'overlaps'],
  [`${ITL}.segments.1.assembled`, [0, 2000], 'twice'],
  [TABLE, { name: 'toy', units: 'adu', source: 'x', linear: [0, 0, 0, 0], quadratic: [0, 0, 0, 0] }, '16 x 16'],
  [`${TABLE}.linear.255`, undefined, 'square'],
  [`${TABLE}.quadratic.255`, undefined, '256 values'],
  [`${TABLE}.linear.17`, 1e-6, 'diagonal'],
  [`${TABLE}.quadratic.0`, 1e-12, 'diagonal'],
];

/** In lsstcam.json. */
const CORNERS: readonly Mutation[] = [
  ['rafts.0.rebs.0.ccds.1.type', 'E2V-CCD250', 'differ in geometry'],
  ['rafts.21.rebs.0.ccds.0.type', 'ITL-3800C', '16 segments, its readout 8'],
  ['rafts.21.rebs.1.readout', 'wavefront', '16 segments, its readout 8'],
  ['rafts.1.bay', 'R01', 'bay R01 twice'],
  ['readouts.wavefront.channels.1', DIGITS.slice(0, 8), 'each of the 16 channels'],
];

/** In latiss.json. */
const SINGLE: readonly Mutation[] = [['readouts.auxtel.group', [1], 'beyond the 1 of a sample']];

function mutated(name: string, [path, value]: Mutation): string {
  const camera = JSON.parse(text(name));
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const parent = keys.reduce((object, key) => object[key], camera);
  if (value !== undefined) parent[last] = value;
  else if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete parent[last];
  return JSON.stringify(camera);
}

function expectRefused(name: string, mutation: Mutation): void {
  const parse = () => parseCamera(mutated(name, mutation), 'broken.json');
  expect(parse).toThrow(expect.objectContaining({ code: 'CAMERA_DATA_INVALID' }));
  expect(parse).toThrow('broken.json');
  expect(parse).toThrow(mutation[2] ?? mutation[0].split('.')[0]);
}

describe('camera data', () => {
  it.each(['comcam', 'lsstcam', 'latiss'])('of %s is accepted as it stands', (name) => {
    expect(parseCamera(text(name), name).name).toBe(name);
  });

  for (const [camera, mutations] of [
    ['comcam', SHAPES],
    ['comcam', CONTRADICTIONS],
    ['lsstcam', CORNERS],
    ['latiss', SINGLE],
  ] as const) {
    for (const mutation of mutations) {
      const [path, value] = mutation;
      it(`of ${camera} is refused with ${path} = ${JSON.stringify(value)}`, () => expectRefused(camera, mutation));
    }
  }

  it('may come without crosstalk table, serials and gains', () => {
    const camera = JSON.parse(text('comcam'));
    camera.crosstalk = {};
    for (const reb of camera.rafts[0].rebs) {
      for (const ccd of reb.ccds)
        Object.assign(ccd, { crosstalk: null, amplifiers: null, serial: null, lsstNum: null });
    }
    expect(parseCamera(JSON.stringify(camera), 'fine.json')).toEqual(camera);
  });
});
