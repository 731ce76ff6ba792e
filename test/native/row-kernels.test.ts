import { afterAll, describe, expect, it } from 'vitest';
import { loadNative } from '../../src/native/binding.js';
import type { SourceLayout } from '../../src/native/layout.js';

const native = loadNative();
const best = native.statistics().cpu;
const COLUMNS = 70;
const ROWS = 3;
const SEGMENTS = 16;
const stripes = Int32Array.from({ length: COLUMNS * ROWS * SEGMENTS }, (_, i) => 25000 + ((i * 7919) % 601));

const layout: SourceLayout = {
  groups: 1,
  columns: COLUMNS,
  rows: ROWS,
  xor: 0,
  pedestal: [60, 70],
  ccds: [
    {
      group: 0,
      channels: Array.from({ length: SEGMENTS }, (_, f) => f),
      crosstalk: {
        linear: Float32Array.from({ length: SEGMENTS ** 2 }, (_, i) => (i % 17 === 0 ? 0 : 1e-3)),
        quadratic: new Float32Array(SEGMENTS ** 2),
      },
    },
  ],
};

afterAll(() => {
  native.forceCpu(best);
});

describe.each(['scalar', 'avx2', 'avx512'] as const)('row kernels forced to %s', (cpu) => {
  const runs = native.forceCpu(cpu);
  native.forceCpu(best);
  const unless = runs ? '' : ` (not run: this machine has no ${cpu})`;

  it.skipIf(!runs)(`encode tiles that decode to the same pixels${unless}`, () => {
    native.forceCpu(cpu);
    expect(native.statistics().cpu).toBe(cpu);
    const tiles = new Uint8Array(stripes.byteLength);
    const lengths = new Int32Array(ROWS * SEGMENTS);
    const used = native.encodeStripes(stripes, COLUMNS, tiles, lengths);
    expect(lengths.reduce((sum, length) => sum + length)).toBe(used);
    const descriptors = new DataView(new ArrayBuffer(lengths.length * 8));
    let offset = 0;
    lengths.forEach((length, i) => {
      descriptors.setUint32(i * 8, length);
      descriptors.setUint32(i * 8 + 4, offset);
      offset += length;
    });
    const pixels = new Int32Array(stripes.length);
    const heap = tiles.subarray(0, used);
    const shape = { columns: COLUMNS, rows: lengths.length, blockSize: 32 };
    native.decodeTiles({ descriptors: new Uint8Array(descriptors.buffer), heap, ...shape }, pixels);
    const expected = stripes.map((_, i) => {
      const [tile, column] = [Math.floor(i / COLUMNS), i % COLUMNS];
      return stripes[(Math.floor(tile / SEGMENTS) * COLUMNS + column) * SEGMENTS + (tile % SEGMENTS)] ?? -1;
    });
    expect(pixels).toEqual(expected);
  });

  it.skipIf(!runs)(`correct as the portable form does${unless}`, () => {
    const correct = (set: 'scalar' | 'avx2' | 'avx512') => {
      native.forceCpu(set);
      const corrected = new Int32Array(stripes.length);
      native.correctStripes(layout, 0, stripes, corrected);
      return corrected;
    };
    const corrected = correct(cpu);
    expect(corrected).toEqual(correct('scalar'));
    expect(corrected).not.toEqual(stripes);
  });
});

describe('row kernels', () => {
  it('refuse what does not fit', () => {
    const lengths = new Int32Array(ROWS * SEGMENTS);
    const tiles = new Uint8Array(100);
    expect(() => native.encodeStripes(stripes, COLUMNS, tiles, lengths)).toThrow(/NATIVE_ARGUMENT|tiles has no room/);
    expect(() => native.encodeStripes(stripes.subarray(1), COLUMNS, tiles, lengths)).toThrow();
    expect(() => native.correctStripes(layout, 0, stripes, new Int32Array(1))).toThrow();
    expect(() => native.forceCpu('sse' as 'avx2')).toThrow();
  });
});
