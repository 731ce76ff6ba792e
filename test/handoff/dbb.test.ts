import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { DbbTarget } from '../../src/handoff/dbb.js';
import { fileId, OBSID } from '../stage/records.js';
import { tempDir } from '../support/temp.js';
import { filesBelow, mode, READER, stage } from './staged.js';

let data: string;
let dbb: DbbTarget;

beforeEach(() => {
  data = tempDir();
  const quarantine = join(data, 'quarantine');
  const manifests = join(data, 'manifests');
  dbb = new DbbTarget({
    root: join(data, 'dbb'),
    mode: 'link',
    folderMode: 0o755,
    quarantine,
    manifests,
    digester: READER,
  });
});

const tool = (name: string, path: string) => execFileSync(name, [path], { encoding: 'utf8' }).split(' ')[0];

describe('A manifest of the Data Backbone', () => {
  it('tells size and digests as the usual tools give them, outside the scanned folder', async () => {
    const file = stage(data);
    await dbb.deliver(file);
    const path = join(data, 'manifests', `${file.relative}.json`);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
      manifestVersion: 1,
      file: `${file.relative}.fits`,
      obsid: OBSID,
      raft: 'R22',
      sensor: 'S11',
      version: 1,
      bytes: file.bytes,
      sha256: tool('sha256sum', file.path),
      md5: tool('md5sum', file.path),
      blake2b512: tool('b2sum', file.path),
      source: file.path,
    });
    expect(mode(join(data, 'manifests'))).toBe(0o750);
    expect(filesBelow(join(data, 'dbb'))).toEqual([`${file.relative}.fits`, `${file.relative}.json`]);
  });

  it('is kept apart for later versions, as the file is', async () => {
    const second = stage(join(data, 'second'), fileId('S11', 'raw', OBSID, 2));
    await dbb.deliver(stage(data));
    await dbb.deliver(second);
    expect(filesBelow(join(data, 'manifests'))).toEqual(
      [`${second.relative}.json`, `.revisions/2/${second.relative}.json`].sort(),
    );
    expect(filesBelow(join(data, 'dbb'))).toContain(`.revisions/2/${second.relative}.fits`);
  });

  it('is not written for a file that is set aside', async () => {
    const file = stage(data);
    mkdirSync(dirname(join(data, 'dbb', file.relative)), { recursive: true });
    writeFileSync(join(data, 'dbb', `${file.relative}.fits`), 'theirs');
    expect((await dbb.deliver(file)).outcome).toBe('conflict');
    expect(filesBelow(join(data, 'manifests'))).toEqual([]);
  });

  it('is never overwritten', async () => {
    const file = stage(data);
    const path = join(data, 'manifests', `${file.relative}.json`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '{}');
    await expect(dbb.deliver(file)).rejects.toMatchObject({ code: 'FILE_CONFLICT', details: { path } });
    expect(readFileSync(path, 'utf8')).toBe('{}');
    expect(filesBelow(join(data, 'quarantine'))).toEqual([`manifests/${file.relative}.json.1`]);
  });

  it('is not written, and nothing handed off, when the archive’s file has changed since it was sealed', async () => {
    const file = stage(data);
    chmodSync(file.path, 0o644);
    writeFileSync(file.path, Buffer.alloc(file.bytes));
    await expect(dbb.deliver(file)).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    expect(filesBelow(join(data, 'dbb'))).toEqual([]);
  });
});
