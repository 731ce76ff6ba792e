import { closeSync, openSync, writeSync } from 'node:fs';
import type { NativeCore } from '../../../native/contract.js';
import type { SourceLayout } from '../../../native/layout.js';
import type { SynthScene } from '../../../native/tools.js';
import { writeError } from '../../capture/writer.js';

/** Some rows of one source, to be written at their place of its file: the task of workers/synth.ts. */
export interface SynthJob {
  /** Position in the list of jobs. */
  readonly id: number;
  readonly path: string;
  readonly layout: SourceLayout;
  readonly scene: SynthScene;
  readonly rows: { readonly first: number; readonly count: number };
}

/** One buffer per thread, as large as the largest job so far. */
let buffer = new Uint8Array(0);

/** Synthesises the rows and writes them. @returns CRC-32 of their bytes. @throws FOLDER_UNWRITABLE, DISK_FULL */
export function runSynthJob(native: NativeCore, { path, layout, scene, rows }: SynthJob): number {
  const rowBytes = layout.columns * layout.groups * 36;
  if (buffer.length < rows.count * rowBytes) buffer = new Uint8Array(rows.count * rowBytes);
  const packed = buffer.subarray(0, rows.count * rowBytes);
  native.synthesizeRows(layout, scene, rows, packed);
  try {
    const file = openSync(path, 'r+');
    try {
      for (let done = 0; done < packed.length; ) {
        done += writeSync(file, packed, done, packed.length - done, rows.first * rowBytes + done);
      }
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw writeError(path, error);
  }
  return native.crc32(packed);
}
