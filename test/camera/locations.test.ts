import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ccdBySlot,
  locationAt,
  locationIndex,
  locationSet,
  locationsOf,
  rebByBoard,
  rebByLocation,
} from '../../src/camera/geometry.js';
import { loadCamera } from '../../src/camera/load.js';

const unknown = expect.objectContaining({ code: 'LOCATION_UNKNOWN' });

describe('location index', () => {
  it.each([
    ['00/0', 0],
    ['22/0', 48],
    ['22/1', 49],
    ['22/2', 50],
    ['43/2', 94],
    ['44/0', 96],
  ])('of %s is %i, and back', (location, index) => {
    expect(locationIndex(location)).toBe(index);
    expect(locationAt(index)).toBe(location);
  });

  it.each(['22/3', '50/0', '2/0', '22', '22/00', ' 22/0', '22/0\n', ''])('does not exist for %j', (location) => {
    expect(() => locationIndex(location)).toThrow(unknown);
  });

  it.each([3, 51, 100, 127, -1, 0.5, Number.NaN])('%d stands for no board', (index) => {
    expect(() => locationAt(index)).toThrow(unknown);
  });
});

describe('location set', () => {
  it('of the three ComCam boards is 0x00070000 in its second word', () => {
    expect(locationSet(['22/0', '22/1', '22/2'])).toEqual([0, 0x00070000, 0, 0]);
  });

  it('gives back every set of locations, sorted and without repeats', () => {
    const location = fc
      .nat(99)
      .filter((index) => index % 4 !== 3)
      .map(locationAt);
    fc.assert(
      fc.property(fc.array(location), (locations) => {
        const sorted = [...new Set(locations)].sort((a, b) => locationIndex(a) - locationIndex(b));
        expect(locationSet(locations).every((word) => word >= 0)).toBe(true);
        expect(locationsOf(locationSet(locations))).toEqual(sorted);
      }),
    );
  });

  it('refuses bits that stand for no board', () => {
    expect(() => locationsOf([0b1000, 0, 0, 0])).toThrow(unknown);
    expect(() => locationsOf([0, 0, 0, 0x10])).toThrow(unknown);
  });
});

describe('looking up', () => {
  const camera = loadCamera('lsstcam');

  it('finds a board by location, by its name in captures, and by one of its CCDs', () => {
    const place = rebByLocation(camera, '22/2');
    expect(place.raft.bay).toBe('R22');
    expect(rebByBoard(camera, 'R22', 'Reb2')).toEqual(place);
    expect(ccdBySlot(camera, 'R22', 'S21')).toMatchObject({ ...place, index: 1, ccd: { sensor: 'S21', detector: 97 } });
  });

  it('names what it did not find', () => {
    expect(() => rebByLocation(camera, '22/3')).toThrow('"22/3"');
    expect(() => rebByBoard(camera, 'R22', 'RebG')).toThrow('"R22_RebG"');
    expect(() => ccdBySlot(camera, 'R22', 'SG0')).toThrow('"R22_SG0"');
    expect(() => ccdBySlot(camera, 'R22', 'SG0')).toThrow(unknown);
  });
});
