import { describe, expect, it } from 'vitest';
import { smallGeometry } from '../../src/camera/geometry.js';
import { loadCamera } from '../../src/camera/load.js';
import type { SensorType } from '../../src/camera/types.js';
import { readFits } from '../../src/fits/reader.js';
import { loadNative } from '../../src/native/binding.js';
import { assembleCcd, ccdSize } from '../../src/quicklook/assemble.js';
import { identifyCcd } from '../../src/quicklook/identify.js';
import { readSegments } from '../../src/quicklook/segments.js';
import { describeReal, realData } from '../support/real-data.js';

const core = loadNative();

function sensor(camera: string, name: string): SensorType {
  const type = smallGeometry(loadCamera(camera), { columns: 72, rows: 32 }).sensorTypes[name];
  if (type === undefined) throw new Error(`no sensor type ${name}`);
  return type;
}

/** Each imaging pixel tells segment, column and row; all else is out of range. */
function codedSegments(type: SensorType): Int32Array[] {
  return type.segments.map((_, segment) =>
    Int32Array.from({ length: type.columns * type.rows }, (_value, n) => {
      const [column, row] = [(n % type.columns) - type.underCols, Math.floor(n / type.columns)];
      const isImage = column >= 0 && column < type.readCols && row < type.readRows;
      return isImage ? segment * 10000 + column * 100 + row : -1;
    }),
  );
}

describe('an assembled CCD', () => {
  // Which segment (FITS order) stands where, and which way it is read: lower left and upper right corner of each half.
  it.each([
    ['comcam', 'ITL-3800C', { lowerLeft: [15, 'last', 0], upperRight: [7, 0, 0], upperLeft: [0, 'last', 0] }],
    ['lsstcam', 'E2V-CCD250', { lowerLeft: [15, 0, 0], upperRight: [7, 0, 0], upperLeft: [0, 'last', 0] }],
  ] as const)('of %s %s has each amplifier where obs_lsst puts it', (camera, name, corners) => {
    const type = sensor(camera, name);
    const { width, height, pixels } = assembleCcd(codedSegments(type), type, core, { subtractOverscan: false });
    expect([width, height]).toEqual([8 * type.readCols, 2 * type.readRows]);
    const code = ([segment, column, row]: readonly [number, 'last' | number, number]) =>
      segment * 10000 + (column === 'last' ? type.readCols - 1 : column) * 100 + row;
    expect(pixels[0]).toBe(code(corners.lowerLeft));
    expect(pixels[(height - 1) * width + width - 1]).toBe(code(corners.upperRight));
    expect(pixels[(height - 1) * width]).toBe(code(corners.upperLeft));
    expect(pixels.every((pixel) => pixel >= 0)).toBe(true);
    expect(new Set(pixels).size).toBe(width * height);
  });

  it('of one half of a CCD begins at its own corner', () => {
    const type = sensor('lsstcam', 'ITL-4400B');
    expect(type.segments).toHaveLength(8);
    expect(ccdSize(type)).toEqual({ width: 8 * type.readCols, height: type.readRows });
    const { pixels } = assembleCcd(codedSegments(type), type, core, { subtractOverscan: false });
    expect(new Set(pixels).size).toBe(pixels.length);
  });

  it('loses the level of each row’s own overscan', () => {
    const type = sensor('comcam', 'ITL-3800C');
    const segments = type.segments.map((_, segment) =>
      Int32Array.from({ length: type.columns * type.rows }, (_value, n) => {
        const [column, row] = [n % type.columns, Math.floor(n / type.columns)];
        const level = 25000 + segment * 100 + row;
        return column >= type.underCols + type.readCols ? level : level + 7;
      }),
    );
    const { pixels } = assembleCcd(segments, type, core, { subtractOverscan: true });
    expect(pixels.every((pixel) => pixel === 7)).toBe(true);
  });

  it('leaves unknown what a missing segment would fill, also in memory used before', () => {
    const type = sensor('comcam', 'ITL-3800C');
    const into = new Float32Array(8 * type.readCols * 2 * type.readRows).fill(5);
    const segments = codedSegments(type).map((pixels, segment) => (segment === 3 ? null : pixels));
    const { pixels } = assembleCcd(segments, type, core, { subtractOverscan: false, into });
    expect(pixels).toBe(into);
    expect(pixels.filter(Number.isNaN).length).toBe(type.readCols * type.readRows);
  });
});

const RAW = 'assembly/itl_spot.fits.gz';
const EXPECTED = 'assembly/itl_expected_assembled.fits.gz';

describeReal('a real ITL image', [RAW, EXPECTED], () => {
  it('assembles to the published image bit by bit', () => {
    const raw = readFits(realData(RAW));
    const [primary] = raw.hdus;
    if (primary === undefined) throw new Error('no primary HDU');
    const identity = identifyCcd(primary);
    expect([identity.raft.bay, identity.ccd.sensor]).toEqual(['R02', 'S02']);
    const options = { subtractOverscan: false };
    const { width, height, pixels } = assembleCcd(readSegments(raw, identity, core), identity.type, core, options);
    const published = readFits(realData(EXPECTED)).hdus[0];
    expect([width, height]).toEqual([published?.value('NAXIS1'), published?.value('NAXIS2')]);
    // Published as big-endian float32: the bytes must be the same.
    const bytes = Buffer.from(pixels.buffer).swap32();
    expect(bytes.equals(published?.dataBytes() ?? Buffer.alloc(0))).toBe(true);
    expect(pixels.some((pixel) => pixel !== 0)).toBe(true);
  });
});
