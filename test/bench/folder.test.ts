import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { benchFolder, cleanFolder } from '../../bench/folder.js';
import { describeUnless } from '../support/not-run.js';
import { tempDir } from '../support/temp.js';

const SHARED_MEMORY = '/dev/shm';
const TMPFS = 0x01021994;
const hasTmpfs = existsSync(SHARED_MEMORY) && statfsSync(SHARED_MEMORY).type === TMPFS;

describeUnless(hasTmpfs ? undefined : 'no tmpfs at /dev/shm', 'a folder in memory', () => {
  it('is refused in one line, and nothing is made there', () => {
    const parent = mkdtempSync(join(SHARED_MEMORY, 'bench-test-'));
    try {
      expect(() => benchFolder(join(parent, 'bench'))).toThrow(/on tmpfs, in memory; choose a --folder on a disk/);
      expect(readdirSync(parent)).toEqual([]);
    } finally {
      rmSync(parent, { recursive: true });
    }
  });
});

describe('the folder of the benchmark', () => {
  it('is not one that holds something else', () => {
    const folder = tempDir();
    writeFileSync(join(folder, 'thesis.txt'), '');
    expect(() => benchFolder(folder)).toThrow(/holds something else/);
  });

  it('is used again, and loses all but pictures when it is cleaned', () => {
    const folder = join(tempDir(), 'bench');
    for (const name of ['trials', 'inputs']) mkdirSync(join(benchFolder(folder), name));
    writeFileSync(join(benchFolder(folder), 'latency.svg'), '<svg/>');
    cleanFolder(folder, false);
    expect(readdirSync(folder).filter((name) => !name.startsWith('.'))).toEqual(['latency.svg']);
  });
});
