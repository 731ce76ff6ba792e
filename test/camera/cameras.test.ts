import { describe, expect, it } from 'vitest';
import { allCcds, allRebs, locationSet } from '../../src/camera/geometry.js';
import { loadCamera } from '../../src/camera/load.js';

const slots = (camera: ReturnType<typeof loadCamera>) =>
  allCcds(camera).map(({ raft, reb, ccd }) => `${reb.location} ${raft.bay}_${ccd.sensor} ${ccd.detector} ${ccd.type}`);

describe('ComCam', () => {
  const camera = loadCamera('comcam');

  it('is raft R22 with nine ITL CCDs on three boards, three to a row of slots', () => {
    expect(slots(camera)).toEqual(
      Array.from({ length: 9 }, (_, i) => `22/${Math.floor(i / 3)} R22_S${Math.floor(i / 3)}${i % 3} ${i} ITL-3800C`),
    );
    expect(camera).toMatchObject({ instrument: 'LSSTComCam', instrume: 'ComCam', code: 'CC' });
  });

  it('knows serials, boards, gains and read noise', () => {
    expect(allRebs(camera).map(({ raft, reb }) => [raft.name, reb.board, reb.name, reb.serial])).toEqual([
      ['LCA-11021_RTM-031', 'Reb0', 'LCA-13574-061', '18edfc9b'],
      ['LCA-11021_RTM-031', 'Reb1', 'LCA-13574-093', null],
      ['LCA-11021_RTM-031', 'Reb2', 'LCA-13574-094', null],
    ]);
    const serials = allCcds(camera).map(({ ccd }) => `${ccd.lsstNum} ${ccd.serial}`);
    expect(serials.slice(0, 3)).toEqual(['ITL-3800C-229 23166', 'ITL-3800C-251 23140', 'ITL-3800C-215 22619']);
    expect(serials.slice(3, 6)).toEqual(['ITL-3800C-326 23858', 'ITL-3800C-283 22621', 'ITL-3800C-243 22917']);
    expect(serials.slice(6)).toEqual(['ITL-3800C-319 24780', 'ITL-3800C-209 23169', 'ITL-3800C-206 22689']);
    const amplifiers = allCcds(camera).flatMap(({ ccd }) => ccd.amplifiers ?? []);
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(amplifiers).toHaveLength(144);
    expect(mean(amplifiers.map(({ gain }) => gain))).toBeCloseTo(1.375, 3);
    expect(mean(amplifiers.map(({ readNoise }) => readNoise))).toBeCloseTo(8.09, 2);
  });
});

describe('LSSTCam', () => {
  const camera = loadCamera('lsstcam');

  it('has 71 sources, 205 CCDs and half CCDs, and detector ids 0 to 204', () => {
    expect(allRebs(camera)).toHaveLength(71);
    expect(
      allCcds(camera)
        .map(({ ccd }) => ccd.detector)
        .sort((a, b) => a - b),
    ).toEqual(Array.from({ length: 205 }, (_, i) => i));
  });

  it('has ITL and E2V rafts at the published bays, with the published first detector ids', () => {
    const science = camera.rafts.slice(0, 21).map(({ bay, rebs }) => [bay, rebs[0]?.ccds[0]] as const);
    expect(science.map(([bay, ccd]) => `${bay} ${ccd?.detector}`).join(', ')).toBe(
      'R01 0, R02 9, R03 18, R10 27, R11 36, R12 45, R13 54, R14 63, R20 72, R21 81, R22 90, R23 99, R24 108, R30 117, ' +
        'R31 126, R32 135, R33 144, R34 153, R41 162, R42 171, R43 180',
    );
    const itl = science.filter(([, ccd]) => ccd?.type === 'ITL-3800C').map(([bay]) => bay);
    expect(itl).toEqual(['R01', 'R02', 'R03', 'R10', 'R20', 'R41', 'R42', 'R43']);
    for (const { rebs } of camera.rafts.slice(0, 21)) {
      expect(new Set(rebs.flatMap(({ ccds }) => ccds.map(({ type }) => type))).size).toBe(1);
    }
  });

  it('has a wavefront and a guider board in each corner raft', () => {
    const corners = slots({ ...camera, rafts: camera.rafts.slice(21) });
    expect(corners.slice(0, 4)).toEqual([
      '00/0 R00_SW0 191 ITL-4400B',
      '00/0 R00_SW1 192 ITL-4400B',
      '00/1 R00_SG0 189 ITL-3800C',
      '00/1 R00_SG1 190 ITL-3800C',
    ]);
    expect(camera.rafts.slice(21).map(({ bay, name, rebs }) => `${bay} ${name} ${rebs[0]?.ccds[0]?.detector}`)).toEqual(
      [
        'R00 LCA-10692_CRTM-0002 191',
        'R04 LCA-10692_CRTM-0004 195',
        'R40 LCA-10692_CRTM-0003 199',
        'R44 LCA-10692_CRTM-0005 203',
      ],
    );
  });

  it('names its rafts by their serial', () => {
    const name = (bay: string) => camera.rafts.find((raft) => raft.bay === bay)?.name;
    expect([name('R01'), name('R22'), name('R33')]).toEqual([
      'LCA-11021_RTM-011',
      'LCA-11021_RTM-024',
      'LCA-11021_RTM-010',
    ]);
  });

  it('fills the location set that the DAQ counts: 63 science, 4 guider, 4 wavefront boards', () => {
    const set = locationSet(allRebs(camera).map(({ reb }) => reb.location));
    const bits = set.map((word) => word.toString(2).replaceAll('0', '').length);
    expect(bits.reduce((sum, count) => sum + count, 0)).toBe(71);
    expect(allRebs(camera).filter(({ reb }) => reb.readout === 'science')).toHaveLength(63);
  });
});

describe('LATISS', () => {
  it('is one ITL CCD on one board of bay R00', () => {
    const camera = loadCamera('latiss');
    expect(slots(camera)).toEqual(['00/0 R00_S00 0 ITL-3800C']);
    expect(camera).toMatchObject({ instrument: 'LATISS', instrume: 'LATISS', code: 'AT' });
    expect(camera.rafts[0]?.rebs[0]?.board).toBe('Reb0');
  });
});
