import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DbbTarget } from '../../src/handoff/dbb.js';
import { OodsTarget } from '../../src/handoff/oods.js';
import { PromptFileTarget } from '../../src/handoff/prompt-file.js';
import type { PublishMode } from '../../src/handoff/publisher.js';
import { stagingTargetConformance } from '../conformance/staging-target.js';
import { fileId, OBSID } from '../stage/records.js';
import { tempDir } from '../support/temp.js';
import { inode, READER, stage } from './staged.js';

const common = (data: string) => ({ folderMode: 0o755, quarantine: join(data, 'quarantine') });
const oods = (data: string, mode: PublishMode) => new OodsTarget({ ...common(data), root: join(data, 'oods'), mode });
const dbb = (data: string, mode: PublishMode) =>
  new DbbTarget({
    ...common(data),
    root: join(data, 'dbb'),
    mode,
    manifests: join(data, 'manifests'),
    digester: READER,
  });
const prompt = (data: string) =>
  new PromptFileTarget({ ...common(data), root: join(data, 'bucket'), product: 'corrected' });

for (const mode of ['link', 'copy'] as const) {
  stagingTargetConformance(`OODS by ${mode}`, 'raw', (data) => ({
    target: oods(data, mode),
    root: join(data, 'oods'),
  }));
  stagingTargetConformance(`DBB by ${mode}`, 'raw', (data) => ({ target: dbb(data, mode), root: join(data, 'dbb') }));
}
stagingTargetConformance('Prompt bucket', 'corrected', (data) => ({
  target: prompt(data),
  root: join(data, 'bucket'),
}));

describe('A target', () => {
  it('accepts the products and versions that its consumers expect', () => {
    const files = {
      raw: fileId('S11'),
      corrected: fileId('S11', 'corrected'),
      'raw, version 2': fileId('S11', 'raw', OBSID, 2),
    };
    const accepted = (target: { accepts(file: typeof files.raw): boolean }) =>
      Object.entries(files).flatMap(([name, file]) => (target.accepts(file) ? [name] : []));
    expect(accepted(oods('/d', 'link'))).toEqual(['raw']);
    expect(accepted(dbb('/d', 'link'))).toEqual(['raw', 'raw, version 2']);
    expect(accepted(prompt('/d'))).toEqual(['corrected']);
    const raw = new PromptFileTarget({ ...common('/d'), root: '/d/bucket', product: 'raw' });
    expect(accepted(raw)).toEqual(['raw']);
  });

  it('shares the inode of the archive by link, and has its own bytes by copy', async () => {
    const data = tempDir();
    const file = stage(data);
    expect(await oods(data, 'link').deliver(file)).toMatchObject({ copy: false });
    expect(await dbb(data, 'copy').deliver(file)).toMatchObject({ copy: true });
    expect(inode(join(data, 'oods', `${file.relative}.fits`))).toBe(inode(file.path));
    expect(inode(join(data, 'dbb', `${file.relative}.fits`))).not.toBe(inode(file.path));
  });
});
