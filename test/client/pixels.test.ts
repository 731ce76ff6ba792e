import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { readCcdImage, readCcdSegments } from '../../src/client/pixels.js';
import { readFits } from '../../src/fits/reader.js';
import { loadNative } from '../../src/native/binding.js';
import { assembleCcd } from '../../src/quicklook/assemble.js';
import { identifyCcd } from '../../src/quicklook/identify.js';
import { readSegments } from '../../src/quicklook/segments.js';
import { SMALL_CAMERA } from '../daq/images.js';
import { cameraFile } from '../support/archive.js';
import { writeCcdFile } from '../support/ccd-files.js';
import { keptTempDir } from '../support/temp.js';

const PIXEL = (segment: number, column: number, row: number) => 20_000 + segment * 1000 + column * 7 + row;

describe('The pixels of a CCD', () => {
  const camera = cameraFile(SMALL_CAMERA);
  let path: string;
  beforeAll(async () => {
    const folder = keptTempDir();
    path = await writeCcdFile({ camera: SMALL_CAMERA, folder: folder.path, raft: 'R22', sensor: 'S11', pixel: PIXEL });
    return folder.remove;
  });

  it('are 16 planes in FITS order in one shared buffer, as they were read out', () => {
    const { columns, rows, segments, shared, ...id } = readCcdSegments(pathToFileURL(path).href, { camera });
    expect(id).toEqual({ obsid: 'CC_O_20241108_000266', raft: 'R22', sensor: 'S11' });
    expect(shared.byteLength).toBe(16 * columns * rows * 4);
    expect(segments.map(({ name }) => name)).toHaveLength(16);
    segments.forEach(({ pixels }, segment) => {
      expect(pixels.buffer).toBe(shared);
      expect(pixels).toHaveLength(columns * rows);
      for (const [column, row] of [
        [0, 0],
        [columns - 1, 0],
        [5, rows - 1],
      ] as const) {
        expect(pixels[row * columns + column]).toBe(PIXEL(segment, column, row));
      }
    });
  });

  it.each([true, false])('are assembled as quick-look shows them, overscan subtracted: %s', (subtractOverscan) => {
    const { width, height, pixels } = readCcdImage(path, { camera, subtractOverscan });
    expect(pixels.buffer).toBeInstanceOf(SharedArrayBuffer);
    const file = readFits(path);
    const primary = file.hdus[0];
    if (primary === undefined) throw new Error('no primary HDU');
    const identity = identifyCcd(primary, camera);
    const native = loadNative();
    const expected = assembleCcd(readSegments(file, identity, native), identity.type, native, { subtractOverscan });
    file.close();
    expect([width, height]).toEqual([expected.width, expected.height]);
    expect(Buffer.from(pixels.slice().buffer).equals(Buffer.from(expected.pixels.buffer))).toBe(true);
  });

  it('of a file that is not there, is no FITS or has another geometry are an error with its code', () => {
    expect(() => readCcdImage('/nowhere.fits')).toThrow(expect.objectContaining({ code: 'FILE_MISSING' }));
    expect(() => readCcdImage(path.replace(/fits$/, 'json'))).toThrow(
      expect.objectContaining({ code: 'FITS_INVALID' }),
    );
    expect(() => readCcdImage(path)).toThrow(expect.objectContaining({ code: 'GEOMETRY_MISMATCH' }));
  });
});
