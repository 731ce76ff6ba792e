import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { readPixels } from '../src/fits/pixels.js';
import { readFits } from '../src/fits/reader.js';
import { loadNative } from '../src/native/binding.js';
import type { BenchCase } from './cases.js';

/** `rounding`: a float32 sum without fused multiply-add may round the other way in few pixels, by 1 adu. */
export type Closeness = 'equal' | 'rounding';

const MAX_ROUNDED = 1e-3;

/** How the answer in `theirs` differs from that in `ours`; undefined when it does not. */
export function differenceOf(kind: BenchCase['answer'], closeness: Closeness, ours: string, theirs: string) {
  if (kind === 'fits') return fitsDifference(ours, theirs, closeness);
  const [a, b] = [readFileSync(join(ours, 'answer')), readFileSync(join(theirs, 'answer'))];
  if (kind === 'bytes') return byteDifference(a, b);
  return pixelDifference(int32(a), int32(b), closeness);
}

function byteDifference(a: Buffer, b: Buffer): string | undefined {
  if (a.equals(b)) return undefined;
  if (a.length !== b.length) return `it has ${b.length} bytes, ours has ${a.length}`;
  const first = a.findIndex((byte, i) => byte !== b[i]);
  return `it differs from ours at byte ${first} of ${a.length}`;
}

function pixelDifference(a: Int32Array, b: Int32Array, closeness: Closeness): string | undefined {
  if (a.length !== b.length) return `it has ${b.length} pixels, ours has ${a.length}`;
  let differing = 0;
  let most = 0;
  for (let i = 0; i < a.length; i++) {
    const distance = Math.abs((a[i] as number) - (b[i] as number));
    if (distance === 0) continue;
    differing++;
    most = Math.max(most, distance);
  }
  const allowed = closeness === 'equal' ? 0 : MAX_ROUNDED * a.length;
  if (differing === 0 || (differing <= allowed && most <= 1)) return undefined;
  return `${differing} of ${a.length} pixels differ from ours, by up to ${most}`;
}

/** Files are paired by product and sensor: whoever answers was given one raft, or rafts that all saw the same. */
function fitsDifference(ours: string, theirs: string, closeness: Closeness): string | undefined {
  const mine = new Map(fitsFiles(ours).map((path) => [placeOf(ours, path), path]));
  const places = new Set<string>();
  for (const path of fitsFiles(theirs)) {
    const place = placeOf(theirs, path);
    places.add(place);
    const name = basename(path);
    const own = mine.get(place);
    if (own === undefined) return `it wrote ${name}, ours has no such CCD`;
    const problem = fileDifference(own, path, closeness);
    if (problem !== undefined) return `${name}: ${problem}`;
  }
  const missing = [...mine.keys()].filter((place) => !places.has(place));
  return missing.length === 0 ? undefined : `it did not write ${missing.join(', ')}`;
}

/** Every compressed image of both, decoded; where rounding may not differ, the compressed bytes too. */
function fileDifference(ours: string, theirs: string, closeness: Closeness): string | undefined {
  const native = loadNative();
  const [a, b] = [readFits(ours), readFits(theirs)];
  try {
    const [mine, others] = [a, b].map(({ hdus }) => hdus.filter(({ kind }) => kind === 'compressed-image'));
    if (mine === undefined || mine.length !== others?.length)
      return `${others?.length} images, ours has ${mine?.length}`;
    for (const [i, hdu] of mine.entries()) {
      const other = others[i] as typeof hdu;
      const problem =
        closeness === 'equal' && !Buffer.from(hdu.dataBytes()).equals(other.dataBytes())
          ? 'its compressed bytes differ from ours'
          : pixelDifference(readPixels(hdu, native), readPixels(other, native), closeness);
      if (problem !== undefined) return `image ${i + 1}: ${problem}`;
    }
    return undefined;
  } finally {
    a.close();
    b.close();
  }
}

export function fitsFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.fits'))
    .map((name) => join(folder, name))
    .sort();
}

/** Product and sensor, e.g. `raw S11`: ours are `<product>/.../<obsid>_<raft>_<sensor>.fits`, those of peers `<product>_<raft>_<sensor>.fits`. */
function placeOf(folder: string, path: string): string {
  const [, product, sensor] = /^(raw|corrected)[_/].*_(S\w\w)\.fits$/.exec(relative(folder, path)) ?? [];
  return product === undefined ? basename(path) : `${product} ${sensor}`;
}

function int32(bytes: Buffer): Int32Array {
  const copy = Uint8Array.from(bytes);
  return new Int32Array(copy.buffer, 0, copy.length / 4);
}
