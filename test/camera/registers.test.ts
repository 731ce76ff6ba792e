import { describe, expect, it } from 'vitest';
import { checkRegisters, geometryFromRegisters, REGISTER, readoutRegisters } from '../../src/camera/geometry.js';
import { loadCamera } from '../../src/camera/load.js';
import type { SensorType } from '../../src/camera/types.js';

const camera = loadCamera('lsstcam');
const itl = camera.sensorTypes['ITL-3800C'] as SensorType;
const e2v = camera.sensorTypes['E2V-CCD250'] as SensorType;
const mismatch = expect.objectContaining({ code: 'GEOMETRY_MISMATCH' });
const changed = (type: SensorType, address: number, value: number) =>
  readoutRegisters(type).map((register) => (register.address === address ? { address, value } : register));

describe('readout registers', () => {
  it.each([
    ['ITL', itl, [0, 3, 509, 0, 0, 64, 0, 2000, 0, 48, 1]],
    ['E2V', e2v, [0, 10, 512, 0, 0, 54, 0, 2002, 0, 46, 2]],
  ])('of an %s sequencer have the published values at their addresses', (_, type, values) => {
    const addresses = [
      0x360000, 0x360001, 0x360002, 0x360003, 0x360004, 0x360005, 0x380000, 0x380001, 0x380002, 0x380003, 0x380009,
    ];
    expect(readoutRegisters(type)).toEqual(addresses.map((address, i) => ({ address, value: values[i] })));
  });

  it.each([itl, e2v])('give 576 x 2048 whatever their order', (type) => {
    expect(geometryFromRegisters(readoutRegisters(type).reverse(), '22/0')).toEqual({ columns: 576, rows: 2048 });
    expect(checkRegisters(type, readoutRegisters(type).reverse(), '22/0')).toEqual({ columns: 576, rows: 2048 });
  });

  it('count what is stored: ReadCols2 is, Pre and Post columns and rows are not', () => {
    expect(geometryFromRegisters(changed(itl, REGISTER.ReadCols2, 10), '22/0').columns).toBe(586);
    for (const address of [REGISTER.PreCols, REGISTER.PostCols, REGISTER.PreRows, REGISTER.PostRows]) {
      expect(checkRegisters(itl, changed(itl, address, 77), '22/0')).toEqual({ columns: 576, rows: 2048 });
    }
  });

  it('that contradict the camera data are refused, with both values', () => {
    expect(() => checkRegisters(itl, changed(itl, REGISTER.OverCols, 32), '22/0')).toThrow(
      'Source 22/0 says NAXIS1 544 but the camera data gives 576',
    );
    expect(() => checkRegisters(itl, changed(itl, REGISTER.ReadRows, 1), '22/0')).toThrow('NAXIS2 49');
  });

  it('of the other vendor are refused though the size is the same', () => {
    expect(() => checkRegisters(itl, readoutRegisters(e2v), '22/0')).toThrow(mismatch);
    expect(() => checkRegisters(itl, changed(itl, REGISTER.OpFlags, 2), '22/0')).toThrow('OpFlags 2');
  });

  it.each([
    ['serial overscan', REGISTER.ReadCols, 508, REGISTER.OverCols, 65],
    ['parallel overscan', REGISTER.ReadRows, 2001, REGISTER.OverRows, 47],
    ['prescan', REGISTER.UnderCols, 4, REGISTER.ReadCols, 508],
  ])('with another %s are refused though the size is the same', (_, first, a, second, b) => {
    const registers = changed(itl, first, a).map((r) => (r.address === second ? { ...r, value: b } : r));
    expect(geometryFromRegisters(registers, '22/0')).toEqual({ columns: 576, rows: 2048 });
    expect(() => checkRegisters(itl, registers, '22/0')).toThrow(mismatch);
  });

  it.each(['UnderCols', 'ReadCols', 'ReadCols2', 'OverCols', 'ReadRows', 'OverRows'] as const)(
    'without %s tell no geometry',
    (name) => {
      const registers = readoutRegisters(itl).filter(({ address }) => address !== REGISTER[name]);
      expect(() => geometryFromRegisters(registers, '22/0')).toThrow(mismatch);
      expect(() => geometryFromRegisters(registers, '22/0')).toThrow(`${name} (register 0x`);
    },
  );

  it('without OpFlags are accepted; a register with two values is not', () => {
    const registers = readoutRegisters(itl);
    const withoutFlags = registers.filter(({ address }) => address !== REGISTER.OpFlags);
    expect(checkRegisters(itl, withoutFlags, '22/0').columns).toBe(576);
    expect(checkRegisters(itl, [...registers, ...registers], '22/0').columns).toBe(576);
    const twice = [...registers, { address: REGISTER.ReadCols, value: 510 }];
    expect(() => checkRegisters(itl, twice, '22/0')).toThrow('ReadCols 509 and 510');
  });
});
