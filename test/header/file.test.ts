import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileHeaderSource } from '../../src/header/file.js';
import { MAX_PACKAGE_BYTES } from '../../src/header/parse.js';
import { headerSourceConformance } from '../conformance/header-source.js';
import { keptTempDir, tempDir } from '../support/temp.js';

const OBSID = 'CC_O_20241108_000266';
const YAML = `PRIMARY:\n- keyword: OBSID\n  value: ${OBSID}\n  comment: ''\n`;

headerSourceConformance('a folder', async () => {
  const folder = keptTempDir();
  return {
    source: new FileHeaderSource(folder.path, { everyMs: 20 }),
    put: async (obsid, text) => writeFileSync(join(folder.path, `${obsid}.yaml`), text),
    close: async () => folder.remove(),
  };
});

describe('a folder of packages', () => {
  const fetch = (folder: string) =>
    new FileHeaderSource(folder, { everyMs: 20 }).fetch(OBSID, { signal: AbortSignal.timeout(5000) });
  const refused = (problem: RegExp) =>
    expect.objectContaining({ code: 'HEADER_INVALID', message: expect.stringMatching(problem) });

  it.each(['.yaml', '.header', '.json'])('is read by extension %s', async (extension) => {
    const folder = tempDir();
    const json = `{"__CONTENT__": "metadata", "OBSID": "${OBSID}"}`;
    writeFileSync(join(folder, `${OBSID}${extension}`), extension === '.json' ? json : YAML);
    expect((await fetch(folder)).obsid).toBe(OBSID);
  });

  it('reads a file that nobody writes to any more once only', async () => {
    const folder = tempDir();
    const path = join(folder, `${OBSID}.yaml`);
    writeFileSync(path, YAML);
    utimesSync(path, new Date(0), new Date(0));
    // A second look would come after a day.
    const source = new FileHeaderSource(folder, { everyMs: 86_400_000 });
    expect((await source.fetch(OBSID, { signal: AbortSignal.timeout(5000) })).obsid).toBe(OBSID);
  });

  it('that is complete waits for no package that is not there', async () => {
    // A second look would come after a day.
    const source = new FileHeaderSource(tempDir(), { everyMs: 86_400_000, isComplete: true });
    await expect(source.fetch(OBSID, { signal: AbortSignal.timeout(5000) })).rejects.toMatchObject({
      code: 'HEADER_MISSING',
      details: { seconds: 0 },
    });
  });

  it('waits for the rest of a file whose writer pauses, also when it has not written anything yet', async () => {
    for (const beginning of ['', 'PRIMARY:\n- {keyword: OBSID, val']) {
      const folder = tempDir();
      const path = join(folder, `${OBSID}.yaml`);
      writeFileSync(path, beginning);
      const fetched = fetch(folder);
      await new Promise((resolve) => setTimeout(resolve, 200));
      writeFileSync(path, YAML);
      expect((await fetched).obsid).toBe(OBSID);
    }
  });

  it('refuses what is too long before reading it', async () => {
    const folder = tempDir();
    const path = join(folder, `${OBSID}.yaml`);
    writeFileSync(path, '');
    truncateSync(path, MAX_PACKAGE_BYTES + 1);
    await expect(fetch(folder)).rejects.toThrow(refused(/8388609 bytes/));
  });

  it('refuses a link, a folder and a pipe under the name of a package', async () => {
    const [link, directory, pipe] = [tempDir(), tempDir(), tempDir()];
    symlinkSync('/etc/hostname', join(link, `${OBSID}.yaml`));
    mkdirSync(join(directory, `${OBSID}.yaml`));
    execFileSync('mkfifo', [join(pipe, `${OBSID}.yaml`)]);
    await expect(fetch(link)).rejects.toThrow(refused(/symbolic link/));
    await expect(fetch(directory)).rejects.toThrow(refused(/no regular file/));
    await expect(fetch(pipe)).rejects.toThrow(refused(/no regular file/));
  });
});
