import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { differenceOf } from '../../bench/compare.js';
import { tempDir } from '../support/temp.js';

const PIXELS = 4000;

/** Folders with an answer each. */
function answers(ours: Uint8Array, theirs: Uint8Array): [string, string] {
  const root = tempDir();
  const folders: [string, string] = [join(root, 'ours'), join(root, 'theirs')];
  [ours, theirs].forEach((bytes, i) => {
    mkdirSync(folders[i] as string);
    writeFileSync(join(folders[i] as string, 'answer'), bytes);
  });
  return folders;
}

function pixels(change: (values: Int32Array) => void = () => undefined): Uint8Array {
  const values = Int32Array.from({ length: PIXELS }, (_, i) => 25000 + (i % 100));
  change(values);
  return new Uint8Array(values.buffer);
}

describe('answers of contenders', () => {
  it('are the same bytes or a difference that says where', () => {
    const bytes = Uint8Array.of(1, 2, 3);
    expect(differenceOf('bytes', 'equal', ...answers(bytes, bytes))).toBeUndefined();
    expect(differenceOf('bytes', 'equal', ...answers(bytes, Uint8Array.of(1, 2, 4)))).toContain('byte 2 of 3');
    expect(differenceOf('bytes', 'equal', ...answers(bytes, Uint8Array.of(1, 2)))).toContain('2 bytes, ours has 3');
  });

  it('may differ by 1 adu in few pixels where sums round differently, and nowhere else', () => {
    const few = pixels((values) => {
      values[7] = (values[7] ?? 0) + 1;
    });
    expect(differenceOf('pixels', 'rounding', ...answers(pixels(), few))).toBeUndefined();
    expect(differenceOf('pixels', 'equal', ...answers(pixels(), few))).toContain('1 of 4000 pixels differ');
    const far = pixels((values) => {
      values[7] = (values[7] ?? 0) - 2;
    });
    expect(differenceOf('pixels', 'rounding', ...answers(pixels(), far))).toContain('by up to 2');
    const many = pixels((values) => {
      for (let i = 0; i < PIXELS; i += 50) values[i] = (values[i] ?? 0) + 1;
    });
    expect(differenceOf('pixels', 'rounding', ...answers(pixels(), many))).toContain('80 of 4000');
  });
});
