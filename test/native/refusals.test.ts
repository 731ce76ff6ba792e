import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { asArchiverError } from '../../src/model/errors.js';
import type { FileSpec, Handle, OpenOptions } from '../../src/native/contract.js';
import { tempDir } from '../support/temp.js';
import {
  fileSpec,
  giveRows,
  makePixels,
  native,
  openWhole,
  pack,
  primaryCards,
  rowBytes,
  scienceLayout,
} from './images.js';

const layout = scienceLayout();
const packed = pack(layout, makePixels(layout));
const options: OpenOptions = { layout, products: ['raw'], compression: 'rice' };

/** The code and message of what a call throws or rejects with. */
async function refusal(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    const known = asArchiverError(error);
    expect(known.message, 'every detail of the message is filled').not.toContain('?');
    return known.code;
  }
  return 'accepted';
}

function droppedHandle(): Handle {
  const handle = native.open(options);
  native.drop(handle);
  return handle;
}

describe.each(['band', 'finish', 'drop'] as const)('%s', (method) => {
  const call = (handle: unknown): unknown => {
    if (method === 'band')
      return native.band(handle as Handle, { first: 0, count: 1 }, packed.subarray(0, rowBytes(layout)));
    if (method === 'finish') return native.finish(handle as Handle, fileSpec(options, tempDir()));
    return native.drop(handle as Handle);
  };

  test('of a dropped handle, of its successor by guess and of a number that never was one is NATIVE_HANDLE', async () => {
    const dropped = droppedHandle();
    for (const handle of [dropped, dropped + 1, 0, 1, Number.MAX_SAFE_INTEGER]) {
      expect(await refusal(() => call(handle))).toBe('NATIVE_HANDLE');
    }
  });

  test('of what is no handle at all is NATIVE_ARGUMENT', async () => {
    for (const handle of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '65536', null, undefined, {}]) {
      expect(await refusal(() => call(handle))).toBe('NATIVE_ARGUMENT');
    }
  });
});

describe('band', () => {
  const row = rowBytes(layout);
  const cases: [string, { first: unknown; count: unknown }, unknown][] = [
    ['rows beyond the end', { first: 20, count: 5 }, packed.subarray(0, 5 * row)],
    ['no rows', { first: 0, count: 0 }, packed.subarray(0, 0)],
    ['a negative row', { first: -1, count: 1 }, packed.subarray(0, row)],
    ['half a row', { first: 0.5, count: 1 }, packed.subarray(0, row)],
    ['bytes missing', { first: 0, count: 2 }, packed.subarray(0, 2 * row - 1)],
    ['bytes too many', { first: 0, count: 2 }, packed.subarray(0, 2 * row + 1)],
    ['a row given before', { first: 9, count: 3 }, packed.subarray(0, 3 * row)],
    ['words instead of bytes', { first: 0, count: 1 }, new Int32Array(row)],
    ['no bytes', { first: 0, count: 1 }, undefined],
  ];

  test.each(cases)('with %s is NATIVE_ARGUMENT and changes nothing', async (_, rows, bytes) => {
    const handle = native.open(options);
    giveRows(handle, layout, packed, 10, 4);
    const used = native.statistics().poolBytesInUse;
    expect(
      await refusal(() => native.band(handle, rows as { first: number; count: number }, bytes as Uint8Array)),
    ).toBe('NATIVE_ARGUMENT');
    expect(native.statistics().poolBytesInUse).toBe(used);
    giveRows(handle, layout, packed, 0, 10);
    giveRows(handle, layout, packed, 14, 10);
    expect((await native.finish(handle, fileSpec(options, tempDir()))).outcome).toBe('created');
    native.drop(handle);
  });
});

describe('finish', () => {
  test('with a row missing is NATIVE_ARGUMENT, leaves no file, and succeeds once the row is there', async () => {
    const folder = tempDir();
    const spec = fileSpec(options, folder);
    const handle = native.open(options);
    giveRows(handle, layout, packed, 1, layout.rows - 1);
    expect(await refusal(() => native.finish(handle, spec))).toBe('NATIVE_ARGUMENT');
    expect(readdirSync(spec.root)).toEqual([]);
    giveRows(handle, layout, packed, 0, 1);
    expect((await native.finish(handle, spec)).outcome).toBe('created');
    native.drop(handle);
  });

  const bare = { kind: 'bare', cards: primaryCards() } as const;
  const cases: [string, Record<string, unknown>][] = [
    ['a CCD that the source has not', { ccd: 3 }],
    ['a product that was not asked for', { product: 'corrected' }],
    ['a product of another name', { product: 'calibrated' }],
    ['no HDU', { hdus: [] }],
    ['an HDU of another kind', { hdus: [{ ...bare, kind: 'table' }] }],
    ['half a card', { hdus: [{ ...bare, cards: primaryCards().subarray(1) }] }],
    ['a header that was not sealed', { hdus: [{ ...bare, cards: new Uint8Array(80).fill(32) }] }],
    [
      'a segment that the CCD has not',
      { hdus: [{ kind: 'segment', segment: 16, cards: primaryCards(), image: primaryCards() }] },
    ],
    [
      'a card missing that is to be filled',
      { hdus: [{ kind: 'segment', segment: 0, cards: primaryCards(), image: primaryCards() }] },
    ],
    ['a compressed segment without its image', { hdus: [{ kind: 'segment', segment: 0, cards: primaryCards() }] }],
    ['a path that leads out', { path: '../ccd0.fits' }],
    ['an absolute path', { path: '/tmp/ccd0.fits' }],
    ['a sidecar elsewhere', { sidecarPath: 'ccd0.json' }],
    ['no path', { path: undefined }],
    ['a sidecar as text', { sidecar: '{}' }],
    ['a mode out of range', { fileMode: 0o10000 }],
  ];

  test.each(cases)('with %s is NATIVE_ARGUMENT and leaves no file', async (_, changes) => {
    const folder = tempDir();
    const handle = openWhole(options, packed);
    const spec = { ...fileSpec(options, folder), ...changes } as FileSpec;
    expect(await refusal(() => native.finish(handle, spec))).toBe('NATIVE_ARGUMENT');
    expect(readdirSync(fileSpec(options, folder).root)).toEqual([]);
    native.drop(handle);
  });
});

describe('open', () => {
  const cases: [string, unknown][] = [
    ['nothing', undefined],
    ['no product', { ...options, products: [] }],
    ['another product', { ...options, products: ['flat'] }],
    ['another compression', { ...options, compression: 'gzip' }],
    ['no CCD', { ...options, layout: { ...layout, ccds: [] } }],
    ['a column too many', { ...options, layout: { ...layout, columns: 2049 } }],
    ['a group that is not there', { ...options, layout: { ...layout, groups: 2 } }],
    ['a mask of 19 bits', { ...options, layout: { ...layout, xor: 0x200000 } }],
    ['an empty pedestal', { ...options, layout: { ...layout, pedestal: [5, 5] } }],
    ['too few coefficients', { ...options, layout: withCrosstalk(new Float32Array(255)) }],
    ['float64 coefficients', { ...options, layout: withCrosstalk(new Float64Array(256)) }],
  ];

  test.each(cases)('with %s is NATIVE_ARGUMENT', async (_, given) => {
    const before = native.statistics().openHandles;
    expect(await refusal(() => native.open(given as OpenOptions))).toBe('NATIVE_ARGUMENT');
    expect(native.statistics().openHandles).toBe(before);
  });

  function withCrosstalk(linear: unknown): unknown {
    return {
      ...layout,
      ccds: layout.ccds.map((ccd) => ({ ...ccd, crosstalk: { linear, quadratic: new Float32Array(256) } })),
    };
  }
});

test('a damaged tile is RICE_INVALID with its number', async () => {
  const descriptors = Buffer.alloc(16);
  const tiles = { descriptors, heap: Buffer.alloc(16), columns: 4, rows: 2, blockSize: 32 };
  descriptors.writeUInt32BE(16, 0);
  descriptors.writeUInt32BE(17, 8);
  expect(await refusal(() => native.decodeTiles(tiles, new Int32Array(8)))).toBe('RICE_INVALID');
  descriptors.writeUInt32BE(8, 8);
  descriptors.writeUInt32BE(0xffffffff, 12);
  expect(() => native.decodeTiles(tiles, new Int32Array(8))).toThrow(/tile: 2.*outside of the heap/);
  expect(await refusal(() => native.decodeTiles(tiles, new Int32Array(7)))).toBe('NATIVE_ARGUMENT');
});

test.each([
  ['dataSum of 3 bytes', () => native.dataSum(new Uint8Array(3))],
  ['decodePlain to a wrong length', () => native.decodePlain(new Uint8Array(8), new Int32Array(3))],
  ['crc32 with a negative seed', () => native.crc32(new Uint8Array(1), -1)],
  ['sealHeader without its cards', () => native.sealHeader(new Uint8Array(80).fill(32))],
  [
    'packRows to a wrong length',
    () => native.packRows(layout, 1, makePixels(layout), new Uint8Array(rowBytes(layout))),
  ],
  ['unpackRows of a CCD that is not there', () => native.unpackRows(layout, layout.rows, packed, 3, [])],
  ['configurePool of nothing', () => native.configurePool(0)],
])('%s is NATIVE_ARGUMENT', async (_, call) => {
  expect(await refusal(call)).toBe('NATIVE_ARGUMENT');
});
