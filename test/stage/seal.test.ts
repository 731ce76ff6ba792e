import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Piscina } from 'piscina';
import { describe, expect, it, onTestFinished } from 'vitest';
import { asArchiverError } from '../../src/model/errors.js';
import { distFile } from '../../src/model/package.js';
import { sealFile } from '../../src/stage/seal.js';
import { tempDir } from '../support/temp.js';

const BYTES = 3 * 1024 * 1024 + 2881;

function writeRandom(): string {
  const path = join(tempDir(), 'file.fits');
  writeFileSync(path, randomBytes(BYTES));
  return path;
}

const tool = (name: string, path: string) => execFileSync(name, [path], { encoding: 'utf8' }).split(' ')[0];

describe('Sealing a file', () => {
  it('gives the digests that sha256sum and md5sum give', async () => {
    const path = writeRandom();
    expect(await sealFile({ path, bytes: BYTES })).toEqual({
      sha256: tool('sha256sum', path),
      md5: tool('md5sum', path),
    });
  });

  it('refuses a file that is not as long as it was written', async () => {
    const path = writeRandom();
    const short = sealFile({ path, bytes: BYTES + 2880 });
    await expect(short).rejects.toMatchObject({ code: 'SIZE_MISMATCH', details: { actual: BYTES } });
  });

  it('tells a file that is gone from one that cannot be read', async () => {
    const folder = join(tempDir(), 'folder.fits');
    mkdirSync(folder);
    await expect(sealFile({ path: `${folder}/absent`, bytes: 1 })).rejects.toMatchObject({ code: 'FILE_MISSING' });
    await expect(sealFile({ path: folder, bytes: 1 })).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  });

  it('keeps results and error codes on their way out of a worker thread', async () => {
    const pool = new Piscina({ filename: distFile('workers/seal.js'), maxThreads: 1 });
    onTestFinished(() => pool.destroy());
    const path = writeRandom();
    expect(await pool.run({ path, bytes: BYTES })).toEqual(await sealFile({ path, bytes: BYTES }));
    const error = await pool.run({ path: `${path}.absent`, bytes: 1 }).catch(asArchiverError);
    expect(error).toMatchObject({ code: 'FILE_MISSING', details: { path: `${path}.absent` } });
  });
});
