import { describe, expect, it } from 'vitest';
import {
  allRebs,
  checkRegisters,
  readoutRegisters,
  rebSensorType,
  smallGeometry,
  sourceLayout,
  sourceLength,
} from '../../src/camera/geometry.js';
import { loadCamera, parseCamera } from '../../src/camera/load.js';

const size = { columns: 72, rows: 32 };

describe('small geometry', () => {
  it.each(['comcam', 'lsstcam', 'latiss'])('of %s is a valid camera of its own', (name) => {
    const small = smallGeometry(loadCamera(name), size);
    expect(parseCamera(JSON.stringify(small), 'small.json')).toEqual(small);
  });

  it('keeps prescans and vendors, and has 16 overscan columns and 4 overscan rows', () => {
    const { 'ITL-3800C': itl, 'E2V-CCD250': e2v } = smallGeometry(loadCamera('lsstcam'), size).sensorTypes;
    expect(itl).toMatchObject({
      ...size,
      underCols: 3,
      readCols: 53,
      overCols: 16,
      readRows: 28,
      overRows: 4,
      opFlags: 1,
    });
    expect(e2v).toMatchObject({
      ...size,
      underCols: 10,
      readCols: 46,
      overCols: 16,
      readRows: 28,
      overRows: 4,
      opFlags: 2,
    });
    expect([itl?.pedestal, e2v?.pedestal]).toEqual([
      [61, 72],
      [61, 72],
    ]);
  });

  it('has the tables of the real geometry at its own scale', () => {
    const { 'ITL-3800C': itl, 'E2V-CCD250': e2v } = smallGeometry(loadCamera('lsstcam'), size).sensorTypes;
    expect(itl).toMatchObject({ datasec: '[4:56,1:28]', detsize: '[1:424,1:56]' });
    expect(itl?.segments[1]).toMatchObject({ detsec: '[106:54,1:28]', dtv: [110, 0], crvalA: [29, 57], crvalC1: 57 });
    expect(e2v?.segments[15]).toMatchObject({ detsec: '[1:46,56:29]', dtv: [-10, 57], crvalA: [0, -10], dtm: [1, -1] });
    expect(e2v?.segments[0]?.assembled).toEqual([0, 28]);
  });

  it('serves every source of LSSTCam at a few kilobytes, registers included', () => {
    const small = smallGeometry(loadCamera('lsstcam'), size);
    const lengths = allRebs(small).map(({ reb }) => {
      const type = rebSensorType(small, reb);
      expect(checkRegisters(type, readoutRegisters(type), reb.location)).toEqual(size);
      return sourceLength(sourceLayout(small, reb.location));
    });
    expect(new Set(lengths)).toEqual(new Set([72 * 32 * 108, 72 * 32 * 72, 72 * 32 * 36]));
  });

  it('with the real imaging region has the real tables', () => {
    const { 'ITL-3800C': real } = loadCamera('comcam').sensorTypes;
    const { 'ITL-3800C': small } = smallGeometry(loadCamera('comcam'), { columns: 528, rows: 2004 }).sensorTypes;
    expect(small?.segments).toEqual(real?.segments);
    expect(small?.datasec).toBe(real?.datasec);
  });

  it.each([
    { columns: 19, rows: 32 },
    { columns: 72, rows: 4 },
    { columns: 72.5, rows: 32 },
  ])('does not exist at %j: no imaging pixel is left', (impossible) => {
    expect(() => smallGeometry(loadCamera('comcam'), impossible)).toThrow(
      expect.objectContaining({ code: 'CAMERA_DATA_INVALID' }),
    );
  });
});
