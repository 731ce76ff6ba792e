import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadNative } from '../../src/native/binding.js';
import type { TileSpec } from '../../src/native/contract.js';
import type { SourceLayout } from '../../src/native/layout.js';
import { paths } from '../inputs.js';
import type { TrialSpec } from '../types.js';
import { ccdInput, type Work } from './work.js';

const SEGMENTS = 16;
const BLOCK_SIZE = 32;

/** Pixels of one CCD as the kernels take them. */
interface Pixels {
  readonly layout: SourceLayout;
  /** [(row * columns + column) * 16 + segment] */
  readonly stripes: Int32Array;
  /** [segment][row * columns + column] */
  readonly planes: readonly Int32Array[];
}

export async function riceEncode(spec: TrialSpec): Promise<Work> {
  const { layout, stripes } = await pixelsOf(spec);
  const native = loadNative();
  const tiles = new Uint8Array(stripes.byteLength);
  const lengths = new Int32Array(layout.rows * SEGMENTS);
  return {
    run: () => {
      native.encodeStripes(stripes, layout.columns, tiles, lengths);
      return undefined;
    },
    answer: () => writeFileSync(join(spec.out, 'answer'), Buffer.concat(bySegment(tiles, lengths))),
  };
}

export async function riceDecode(spec: TrialSpec): Promise<Work> {
  const { layout, stripes } = await pixelsOf(spec);
  const native = loadNative();
  const tiles = new Uint8Array(stripes.byteLength);
  const lengths = new Int32Array(layout.rows * SEGMENTS);
  native.encodeStripes(stripes, layout.columns, tiles, lengths);
  const pieces = bySegment(tiles, lengths);
  const segments = Array.from({ length: SEGMENTS }, (_, f) =>
    tileSpec(layout, pieces.slice(f * layout.rows, (f + 1) * layout.rows)),
  );
  const planes = segments.map(() => new Int32Array(layout.rows * layout.columns));
  return {
    run: () => {
      segments.forEach((tiles, f) => {
        native.decodeTiles(tiles, planes[f] as Int32Array);
      });
      return undefined;
    },
    answer: () => writePlanes(spec, planes),
  };
}

export async function crosstalk(spec: TrialSpec): Promise<Work> {
  const { layout, stripes, planes } = await pixelsOf(spec);
  const native = loadNative();
  const corrected = new Int32Array(stripes.length);
  return {
    run: () => {
      native.correctStripes(layout, 0, stripes, corrected);
      return undefined;
    },
    answer: () => {
      planes.forEach((plane, f) => {
        for (let i = 0; i < plane.length; i++) plane[i] = corrected[i * SEGMENTS + f] as number;
      });
      writePlanes(spec, planes);
    },
  };
}

export async function checksum(spec: TrialSpec): Promise<Work> {
  const native = loadNative();
  const bytes = readFileSync(paths.checksum(spec.inputs));
  let sum = 0;
  return {
    run: () => {
      sum = native.dataSum(bytes);
      return undefined;
    },
    answer: () => writeFileSync(join(spec.out, 'answer'), `${sum}\n`),
  };
}

async function pixelsOf(spec: TrialSpec): Promise<Pixels> {
  const { native, layout, packed } = await ccdInput(spec);
  const planes = Array.from({ length: SEGMENTS }, () => new Int32Array(layout.rows * layout.columns));
  native.unpackRows(layout, layout.rows, packed, 0, planes);
  const stripes = new Int32Array(layout.rows * layout.columns * SEGMENTS);
  planes.forEach((plane, f) => {
    for (let i = 0; i < plane.length; i++) stripes[i * SEGMENTS + f] = plane[i] as number;
  });
  return { layout, stripes, planes };
}

/** Tiles in the order of files: all rows of the first segment, then those of the next. */
function bySegment(tiles: Uint8Array, lengths: Int32Array): Uint8Array[] {
  const rows = lengths.length / SEGMENTS;
  const ordered = new Array<Uint8Array>(lengths.length);
  let offset = 0;
  lengths.forEach((length, i) => {
    ordered[(i % SEGMENTS) * rows + Math.floor(i / SEGMENTS)] = tiles.subarray(offset, offset + length);
    offset += length;
  });
  return ordered;
}

function tileSpec({ columns, rows }: SourceLayout, pieces: readonly Uint8Array[]): TileSpec {
  const descriptors = new DataView(new ArrayBuffer(rows * 8));
  let offset = 0;
  pieces.forEach((piece, row) => {
    descriptors.setUint32(row * 8, piece.length);
    descriptors.setUint32(row * 8 + 4, offset);
    offset += piece.length;
  });
  const heap = Buffer.concat(pieces);
  return { descriptors: new Uint8Array(descriptors.buffer), heap, columns, rows, blockSize: BLOCK_SIZE };
}

function writePlanes(spec: TrialSpec, planes: readonly Int32Array[]): void {
  const pieces = planes.map((plane) => new Uint8Array(plane.buffer));
  writeFileSync(join(spec.out, 'answer'), Buffer.concat(pieces));
}
