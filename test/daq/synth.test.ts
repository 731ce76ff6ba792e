import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ccdBySlot, sourceLayout } from '../../src/camera/geometry.js';
import { loadCamera } from '../../src/camera/load.js';
import { CaptureFolder } from '../../src/daq/capture/folder.js';
import { sourceScene } from '../../src/daq/emulator/synth/scene.js';
import { synthesize } from '../../src/daq/emulator/synth/synth.js';
import { CONFIG_COND, REB_COND } from '../../src/fits/tables/conditions.js';
import { loadNative } from '../../src/native/binding.js';
import { tempDir } from '../support/temp.js';
import { FIRST_IMAGE, SECOND_IMAGE, SMALL_CAMERA } from './images.js';

const native = loadNative();
const SKY = { seed: 1, sky: 1400, starsPerSegment: 4 };

async function store(options: { seed?: number; threads?: number; images?: number } = {}): Promise<string> {
  const { seed = 1, threads = 2, images = 1 } = options;
  const folder = tempDir();
  const sky = { ...SKY, seed };
  await synthesize({
    store: folder,
    camera: SMALL_CAMERA,
    obsid: FIRST_IMAGE,
    images,
    sky,
    threads,
    onProgress: () => undefined,
  });
  return folder;
}

function digest(folder: string): string {
  const hash = createHash('sha256');
  for (const file of readdirSync(folder).sort()) hash.update(file).update(readFileSync(join(folder, file)));
  return hash.digest('hex');
}

describe('a synthetic store', () => {
  it('is the same for the same seed, whatever the threads, down to its documents', async () => {
    const first = digest(await store({ threads: 2 }));
    expect(digest(await store({ threads: 1 }))).toBe(first);
    expect(digest(await store({ seed: 2 }))).not.toBe(first);
  });

  it('holds consecutive exposures that differ, each a valid capture with its sums', async () => {
    const folder = await store({ images: 2 });
    const captures = new CaptureFolder(folder, SMALL_CAMERA);
    expect(await captures.images()).toEqual([FIRST_IMAGE, SECOND_IMAGE]);
    const [first, second] = [await captures.load(FIRST_IMAGE), await captures.load(SECOND_IMAGE)];
    for (const { path, crc32 } of first.streams.values()) expect(native.crc32(readFileSync(path))).toBe(crc32);
    expect(first.streams.get('22/0')?.crc32).not.toBe(second.streams.get('22/0')?.crc32);
    expect(first.streams.get('22/0')?.crc32).not.toBe(first.streams.get('22/1')?.crc32);
    expect(BigInt(second.description.image.triggerNs)).toBeGreaterThan(BigInt(first.description.image.triggerNs));
  });

  it('gives every focal-plane value that a header asks for', async () => {
    const { description } = await new CaptureFolder(await store(), SMALL_CAMERA).load(FIRST_IMAGE);
    const { conditions } = description;
    for (const [keyword] of CONFIG_COND) expect(conditions['*']?.[keyword]).toMatch(/^\d+$/);
    for (const [keyword, type] of REB_COND) {
      expect(typeof conditions['22/1']?.[keyword], keyword).toBe(type === 'S' ? 'string' : 'number');
    }
    expect(conditions['22/1']).toMatchObject({ SEQFILE: 'FP_ITL_2s_ir2_v26.seq', SEQCKSUM: '980618532' });
    expect(conditions['22/1']?.TEMP1).not.toBe(conditions['22/2']?.TEMP1);
  });

  it('refuses a first image after which there is no room for the others', async () => {
    const options = {
      store: tempDir(),
      camera: SMALL_CAMERA,
      images: 2,
      sky: SKY,
      threads: 1,
      onProgress: () => undefined,
    };
    await expect(synthesize({ ...options, obsid: 'CC_S_20261121_999999' })).rejects.toMatchObject({
      code: 'IMAGE_NAME_INVALID',
    });
  });
});

describe('a synthetic REB of full size', () => {
  const camera = loadCamera('comcam');
  const FIRST_ROW = 1920;
  const ROWS = 128;
  const columns = 576;

  /** The last rows of 22/0, which end in the parallel overscan: [ccd][segment] planes. */
  function pixels(scene: ReturnType<typeof sourceScene>['scene']): Int32Array[][] {
    const { layout } = sourceScene(camera, '22/0', 0, { ...SKY, starsPerSegment: 220 });
    const packed = new Uint8Array(ROWS * columns * 108);
    native.synthesizeRows(layout, scene, { first: FIRST_ROW, count: ROWS }, packed);
    return layout.ccds.map((_, ccd) => {
      const planes = Array.from({ length: 16 }, () => new Int32Array(ROWS * columns));
      native.unpackRows(layout, ROWS, packed, ccd, planes);
      return planes;
    });
  }

  const { scene } = sourceScene(camera, '22/0', 0, { ...SKY, starsPerSegment: 220 });
  const box = (first: number, end: number, rows: readonly [number, number]) => ({
    columns: [first, end] as const,
    rows,
  });

  it('has the bias, gain and read noise of its amplifiers', () => {
    const planes = pixels(scene);
    const { ccd } = ccdBySlot(camera, 'R22', 'S01');
    planes[1]?.forEach((plane, segment) => {
      const { bias, gain, readNoise } = scene.amplifiers[1]?.[segment] ?? expect.fail();
      expect(Math.abs(bias - 25_000)).toBeLessThanOrEqual(1500);
      expect({ gain, readNoise }).toEqual(ccd.amplifiers?.[segment]);
      const overscan = native.boxStatistics(plane, columns, box(512, 576, [0, ROWS]));
      expect(Math.abs(overscan.mean - bias)).toBeLessThan(3);
      expect(overscan.rms * gain).toBeGreaterThan(0.95 * readNoise);
      expect(overscan.rms * gain).toBeLessThan(1.1 * readNoise);
      const parallel = native.boxStatistics(plane, columns, box(3, 512, [80, ROWS]));
      expect(Math.abs(parallel.mean - bias)).toBeLessThan(3);
      const sky = native.boxStatistics(plane, columns, box(3, 512, [0, 80]));
      expect((sky.median - overscan.median) * gain).toBeGreaterThan(0.9 * SKY.sky);
      expect((sky.median - overscan.median) * gain).toBeLessThan(1.1 * SKY.sky);
    });
  });

  it("carries crosstalk with the camera's coefficients", () => {
    const layout = sourceLayout(camera, '22/0', { corrected: true });
    const linear = layout.ccds[0]?.crosstalk?.linear ?? expect.fail();
    const quiet = {
      ...scene,
      sky: 0,
      starsPerSegment: 0,
      amplifiers: scene.amplifiers.map((ccd) => ccd.map((one) => ({ ...one, readNoise: 0 }))),
    };
    const bare = sourceLayout(camera, '22/0');
    const loud = { ...quiet, sky: 20_000 };
    const packed = new Uint8Array(columns * 108);
    const row = (with_: typeof layout, what: typeof loud) => {
      native.synthesizeRows(with_, what, { first: 1000, count: 1 }, packed);
      const planes = Array.from({ length: 16 }, () => new Int32Array(columns));
      native.unpackRows(bare, 1, packed, 0, planes);
      return planes;
    };
    const without = row(bare, loud);
    const withIt = row(layout, loud);
    for (let target = 0; target < 16; target++) {
      const signal = (source: number) => 20_000 / (scene.amplifiers[0]?.[source]?.gain ?? 1);
      const expected = Array.from({ length: 16 }, (_, s) => (linear[s * 16 + target] ?? 0) * signal(s)).reduce(
        (a, b) => a + b,
      );
      const mean = (planes: Int32Array[]) =>
        native.boxStatistics(planes[target] ?? expect.fail(), columns, box(3, 512, [0, 1])).mean;
      // The quadratic terms take up to a tenth of it away.
      expect(mean(withIt) - mean(without)).toBeGreaterThan(0.85 * expected - 0.6);
      expect(mean(withIt) - mean(without)).toBeLessThan(1.05 * expected + 0.6);
      expect(expected).toBeGreaterThan(2);
    }
  });

  it.each([
    ['a seed that is no integer', { seed: 0.5 }],
    ['an imaging box beyond the row', { columns: [3, 577] as const }],
    ['more imaging rows than rows', { rows: 2049 }],
    ['a sky that is not a number', { sky: Number.NaN }],
    ['amplifiers of fewer CCDs', { amplifiers: [] }],
  ])('is refused with %s', (_what, wrong) => {
    expect(() => pixels({ ...scene, ...wrong })).toThrow(expect.objectContaining({ code: 'NATIVE_ARGUMENT' }));
  });
});
