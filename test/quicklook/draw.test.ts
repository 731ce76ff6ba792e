import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ccdBySlot, sensorTypeOf, smallGeometry } from '../../src/camera/geometry.js';
import { loadCamera } from '../../src/camera/load.js';
import { loadNative } from '../../src/native/binding.js';
import { assembleCcd } from '../../src/quicklook/assemble.js';
import { type CcdFile, drawPicture, type Picture } from '../../src/quicklook/draw.js';
import { encodePng } from '../../src/quicklook/png.js';
import { writeCcdFile } from '../support/ccd-files.js';
import { primary } from '../support/fits-bytes.js';
import { keptTempDir, tempDir } from '../support/temp.js';

const core = loadNative();
// Small sensors on a raft whose pitch leaves gaps of 8 columns and 8 rows.
const small = smallGeometry(loadCamera('comcam'), { columns: 72, rows: 64 });
const type = sensorTypeOf(small, ccdBySlot(small, 'R22', 'S11').ccd);
const side = 8 * type.readCols;
const camera = { ...small, sensorTypes: { 'ITL-3800C': { ...type, raftPitch: side + 8 } } };
const SENSORS = ['S00', 'S01', 'S02', 'S10', 'S11', 'S12', 'S20', 'S21', 'S22'];

const folder = keptTempDir();
const files = new Map<string, CcdFile>();

/** Signal above the bias: each CCD its own, each amplifier its own, so that a place tells who stands there. */
const signal = (sensor: string, segment: number) => 1000 + SENSORS.indexOf(sensor) * 100 + segment * 5;

async function ccdFile(sensor: string): Promise<CcdFile> {
  const pixel = (segment: number, column: number) => {
    const isImage = column >= type.underCols && column < type.underCols + type.readCols;
    return 25000 + segment * 300 + (isImage ? signal(sensor, segment) : 0);
  };
  const path = await writeCcdFile({ camera, folder: folder.path, raft: 'R22', sensor, pixel });
  return { path, identity: identityOf(sensor) };
}

function identityOf(sensor: string): CcdFile['identity'] {
  const { raft, ccd } = ccdBySlot(camera, 'R22', sensor);
  return { obsid: 'CC_O_20241108_000266', camera, raft, ccd, type: sensorTypeOf(camera, ccd) };
}

beforeAll(async () => {
  for (const sensor of SENSORS) files.set(sensor, await ccdFile(sensor));
});
afterAll(folder.remove);

function draw(sensors: readonly string[], options: Parameters<typeof drawPicture>[2]): Picture {
  const chosen = sensors.map((sensor) => files.get(sensor)).filter((file) => file !== undefined);
  const [first, ...others] = chosen;
  if (first === undefined) throw new Error('no file');
  return drawPicture([first, ...others], core, options);
}

/** The shade at a place given from the lower left, in canvas pixels. */
const shade = ({ width, height, pixels }: Picture, x: number, y: number) => pixels[(height - 1 - y) * width + x];

describe('the picture of a raft', () => {
  it('has S00 at the lower left and S02 at the lower right, with gaps between the CCDs', () => {
    const picture = draw(SENSORS, { extent: 'raft', bin: 1 });
    const height = 2 * type.readRows;
    expect([picture.width, picture.height]).toEqual([3 * side + 16, 2 * (side + 8) + height]);
    expect(picture.missing).toEqual([]);
    const grey = (value: number) => {
      const { low, high } = picture.range;
      return Math.round(Math.min(1, Math.max(0, (value - low) / (high - low))) * 255);
    };
    SENSORS.forEach((sensor, n) => {
      const [x, y] = [(n % 3) * (side + 8), Math.floor(n / 3) * (side + 8)];
      // ITL: Segment00 is the lower left amplifier, Segment10 the upper left, Segment17 the upper right.
      expect(shade(picture, x, y)).toBe(grey(signal(sensor, 15)));
      expect(shade(picture, x, y + height - 1)).toBe(grey(signal(sensor, 0)));
      expect(shade(picture, x + side - 1, y + height - 1)).toBe(grey(signal(sensor, 7)));
    });
    expect(grey(signal('S22', 0))).toBeGreaterThan(grey(signal('S00', 15)));
    expect(shade(picture, side + 3, 3)).toBe(0);
    expect(shade(picture, 3, height + 3)).toBe(0);
  });

  it('leaves missing CCDs dark and says which', () => {
    const picture = draw(['S00', 'S22'], { extent: 'raft', bin: 4 });
    expect(picture.drawn).toEqual(['S00', 'S22']);
    expect(picture.missing).toEqual(['S01', 'S02', 'S10', 'S11', 'S12', 'S20', 'S21']);
    const centre = [Math.floor(picture.width / 2), Math.floor(picture.height / 2)] as const;
    expect(shade(picture, ...centre)).toBe(0);
    expect(picture.pixels.some((pixel) => pixel > 0)).toBe(true);
  });

  it('is made without the CCDs whose files are damaged', () => {
    const path = join(tempDir(), 'bad.fits');
    writeFileSync(path, primary());
    const good = files.get('S00');
    if (good === undefined) throw new Error('no file');
    const picture = drawPicture([good, { path, identity: identityOf('S01') }], core, { extent: 'raft' });
    expect(picture.drawn).toEqual(['S00']);
    expect(picture.failures).toEqual([{ path, error: expect.objectContaining({ code: 'GEOMETRY_MISMATCH' }) }]);
  });

  it('chooses a bin that makes its longest side about 1600', () => {
    const real = loadCamera('comcam');
    const { raft, ccd } = ccdBySlot(real, 'R22', 'S11');
    const absent = { path: '/none.fits', identity: { ...identityOf('S11'), camera: real, raft, ccd } };
    const sizeOf = (extent: 'raft' | 'ccds') => {
      const { bin, width, height, drawn } = drawPicture([absent], core, { extent });
      return { bin, width, height, drawn };
    };
    expect(sizeOf('raft')).toEqual({ bin: 8, width: 1565, height: 1556, drawn: [] });
    expect(sizeOf('ccds')).toEqual({ bin: 3, width: 1358, height: 1334, drawn: [] });
  });
});

describe('the picture of a CCD', () => {
  it('is the mean of bin x bin assembled pixels', () => {
    const picture = draw(['S11'], { extent: 'ccds', bin: 5 });
    expect([picture.width, picture.height]).toEqual([Math.ceil(side / 5), Math.ceil((2 * type.readRows) / 5)]);
    expect(picture.missing).toEqual([]);
  });

  it('becomes a PNG of the same size and shades', async () => {
    const picture = draw(['S11'], { extent: 'ccds', bin: 2 });
    const png = await encodePng(picture);
    const { data, info } = await sharp(png).toColourspace('b-w').raw().toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width: picture.width, height: picture.height, channels: 1 });
    expect(data.equals(Buffer.from(picture.pixels))).toBe(true);
    expect(await sharp(png).metadata()).toMatchObject({ format: 'png', depth: 'uchar', channels: 1 });
  });
});

describe('the image tools', () => {
  it('refuse places outside of their images instead of writing there', () => {
    const pixels = new Int32Array(72 * 64);
    const outside = {
      ...type,
      segments: type.segments.map((segment) => ({ ...segment, assembled: [0, 1e6] as const })),
    };
    expect(() => core.placeSegment(pixels, placeOf(side), new Float32Array(side * 10), side)).toThrow(/CCD's width/);
    expect(() => core.placeSegment(pixels, placeOf(0), new Float32Array(10), side)).toThrow(/CCD's height/);
    expect(() => assembleCcd([pixels.subarray(1000)], outside, core, { subtractOverscan: true })).toThrow(
      /every imaging row/,
    );
    const bin = { width: 10, height: 10, bin: 3, canvasWidth: 4, x: 1, y: 0 };
    expect(() => core.binImage(new Float32Array(100), bin, new Float32Array(16))).toThrow(/canvas's width/);
    expect(() => core.binImage(new Float32Array(99), bin, new Float32Array(16))).toThrow(/width x height/);
    expect(() => core.stretch(new Float32Array(9), 4, { low: 0, high: 1 }, new Uint8Array(9))).toThrow(/whole rows/);
    const box = { columns: [0, 73] as const, rows: [0, 1] as const };
    expect(() => core.boxStatistics(pixels, 72, box)).toThrow(/columns must be an integer from 0 to 72/);
  });

  function placeOf(x: number) {
    const { columns, underCols: firstColumn, readCols: width, readRows: height } = type;
    return { columns, firstColumn, width, height, overscan: [0, 0] as const, flipX: false, flipY: false, x, y: 0 };
  }
});
