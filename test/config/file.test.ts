import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTree } from '../../src/config/file.js';
import { tempDir } from '../support/temp.js';

function reading(text: string) {
  const path = join(tempDir(), 'ccarchiver.yaml');
  writeFileSync(path, text);
  return () => readTree(path);
}

describe('a configuration file', () => {
  it('is YAML or JSON; an empty one sets nothing', () => {
    expect(reading('root: /data\npool: {megabytes: 512}\n')()).toEqual({ root: '/data', pool: { megabytes: 512 } });
    expect(reading('{"root": "/data", "threads": 3}')()).toEqual({ root: '/data', threads: 3 });
    expect(reading('# nothing\n')()).toEqual({});
    expect(reading(`root: /data\n${' '.repeat(50)}# what it is\n`)()).toEqual({ root: '/data' });
  });

  it('that is not there, or no file, has an error of its own', () => {
    expect(() => readTree('/nowhere/ccarchiver.yaml')).toThrow(expect.objectContaining({ code: 'FILE_MISSING' }));
    expect(() => readTree('/tmp')).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }));
  });

  it.each([
    ['too large', `root: ${'x'.repeat(70_000)}`, /it has 70006 bytes, at most 65536 are read/],
    ['brackets without end', '['.repeat(60_000), /nested too deeply/],
    ['deep indentation', Array.from({ length: 100 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'), /nested too deeply/],
    ['anchors without end', '&a '.repeat(20_000), /anchors and aliases/],
    ['an alias', 'root: &x /data\nreceipts: *x\n', /anchors and aliases/],
    ['a setting twice', 'root: a\nroot: b\n', /Map keys must be unique/],
    ['no YAML', 'root: "a', /Missing closing "quote/],
  ])('with %s is refused in one line', (_, text, problem) => {
    expect(reading(text)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(problem) }),
    );
    expect(reading(text)).not.toThrow(expect.objectContaining({ message: expect.stringContaining('\n') }));
  });
});
