import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Piscina } from 'piscina';
import { describe, expect, it, onTestFinished } from 'vitest';
import { asArchiverError } from '../../src/model/errors.js';
import { distFile } from '../../src/model/package.js';
import { loadNative } from '../../src/native/binding.js';
import { type SealJob, sealFile } from '../../src/stage/seal.js';
import { summingBytes } from '../support/summing-bytes.js';
import { tempDir } from '../support/temp.js';

const BYTES = 3 * 1024 * 1024 + 2880;

const withSidecar = (job: Omit<SealJob, 'sidecarPath'>): SealJob => ({
  ...job,
  sidecarPath: job.path.replace('.fits', '.json'),
});
const seal = (job: Omit<SealJob, 'sidecarPath'>) => sealFile(withSidecar(job), loadNative().dataSum);

function writeSumming(): string {
  const path = join(tempDir(), 'file.fits');
  writeFileSync(path, summingBytes(BYTES));
  writeFileSync(path.replace('.fits', '.json'), '{}\n');
  return path;
}

const tool = (name: string, path: string) => execFileSync(name, [path], { encoding: 'utf8' }).split(' ')[0];

describe('Sealing a file', () => {
  it('gives the digests that sha256sum and md5sum give', async () => {
    const path = writeSumming();
    expect(await seal({ path, bytes: BYTES })).toEqual({
      sha256: tool('sha256sum', path),
      md5: tool('md5sum', path),
      sidecarSha256: tool('sha256sum', path.replace('.fits', '.json')),
    });
  });

  it('refuses a file whose sidecar is gone', async () => {
    const path = writeSumming();
    rmSync(path.replace('.fits', '.json'));
    await expect(seal({ path, bytes: BYTES })).rejects.toMatchObject({ code: 'FILE_MISSING' });
  });

  it('refuses a file that is not as long as it was written', async () => {
    const path = writeSumming();
    const short = seal({ path, bytes: BYTES + 2880 });
    await expect(short).rejects.toMatchObject({ code: 'SIZE_MISMATCH', details: { actual: BYTES } });
  });

  it('refuses a file of which a single bit has changed since it was written', async () => {
    const path = writeSumming();
    const bytes = readFileSync(path);
    bytes[BYTES / 2] = (bytes[BYTES / 2] ?? 0) ^ 0x10;
    writeFileSync(path, bytes);
    await expect(seal({ path, bytes: BYTES })).rejects.toMatchObject({ code: 'FITS_INVALID', details: { path } });
  });

  it('tells a file that is gone from one that cannot be read', async () => {
    const folder = join(tempDir(), 'folder.fits');
    mkdirSync(folder);
    await expect(seal({ path: `${folder}/absent`, bytes: 1 })).rejects.toMatchObject({ code: 'FILE_MISSING' });
    await expect(seal({ path: folder, bytes: 1 })).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
  });

  it('keeps results and error codes on their way out of a worker thread', async () => {
    const pool = new Piscina({ filename: distFile('workers/seal.js'), maxThreads: 1 });
    onTestFinished(() => pool.destroy());
    const path = writeSumming();
    expect(await pool.run(withSidecar({ path, bytes: BYTES }))).toEqual(await seal({ path, bytes: BYTES }));
    const error = await pool.run(withSidecar({ path: `${path}.absent`, bytes: 1 })).catch(asArchiverError);
    expect(error).toMatchObject({ code: 'FILE_MISSING', details: { path: `${path}.absent` } });
  });
});
