import { ccdBySlot, sourceLayout } from '../../src/camera/geometry.js';
import type { Camera } from '../../src/camera/types.js';
import { loadNative } from '../../src/native/binding.js';

/** Pixels of one CCD as the DAQ words of its REB say: segments in FITS order, row by row. */
export function wordsOf(camera: Camera, packed: Uint8Array | undefined, raft: string, sensor: string): Int32Array[] {
  const { reb, index } = ccdBySlot(camera, raft, sensor);
  const layout = sourceLayout(camera, reb.location);
  const { columns, rows } = layout;
  const segments = layout.ccds[index]?.channels ?? [];
  const planes = segments.map(() => new Int32Array(columns * rows));
  loadNative().unpackRows(layout, rows, packed ?? new Uint8Array(), index, planes);
  return planes;
}

/** Whether two pixel arrays are the same, fast. */
export function samePixels(a: Int32Array, b: Int32Array | undefined): boolean {
  const bytes = (pixels: Int32Array) => Buffer.from(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  return b !== undefined && bytes(a).equals(bytes(b));
}
