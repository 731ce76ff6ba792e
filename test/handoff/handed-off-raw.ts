import { mkdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { DbbTarget } from '../../src/handoff/dbb.js';
import { OodsTarget } from '../../src/handoff/oods.js';
import type { PublishMode } from '../../src/handoff/publisher.js';
import { openLedger } from '../stage/open-ledger.js';
import { fileId, imageStart, written } from '../stage/records.js';
import { tempDir } from '../support/temp.js';
import { READER, stage } from './staged.js';

/** A data root with two images of one CCD each, of two days, which OODS and DBB have. Their files were written at noon of their days. */
export async function handedOffRaw(mode: PublishMode = 'link') {
  const root = tempDir();
  const { ledger } = await openLedger(root);
  onTestFinished(() => ledger.close());
  const common = { folderMode: 0o755, quarantine: join(root, 'quarantine'), mode };
  const targets = [
    new OodsTarget({ ...common, root: join(root, 'oods') }),
    new DbbTarget({ ...common, root: join(root, 'dbb'), manifests: join(root, 'manifests'), digester: READER }),
  ];
  mkdirSync(join(root, 'quarantine'));
  for (const obsid of [OLD, NEW]) {
    const id = fileId('S11', 'raw', obsid);
    const file = stage(root, id);
    const noon = Date.parse(`${obsid === OLD ? '2024-11-01' : '2024-11-08'}T12:00:00Z`) / 1000;
    await ledger.beginImage(imageStart(obsid, ['S11']));
    const paths = { path: file.path.slice(root.length + 1), sidecarPath: file.sidecarPath.slice(root.length + 1) };
    await ledger.recordWritten({ ...written(id), ...paths, bytes: file.bytes });
    await ledger.recordSeal(id, file.seal);
    for (const target of targets) {
      const { uri } = await target.deliver(file);
      await ledger.recordDelivery(id, { target: target.name, state: 'delivered', uri, error: null });
      for (const path of [file.path, uri.replace('file://', '')]) utimesSync(path, noon, noon);
    }
  }
  return { root, ledger };
}

export const OLD = 'CC_O_20241101_000001';
export const NEW = 'CC_O_20241108_000001';
/** Of a file of the day, below a target's root. */
export const nameOf = (obsid: string) => `LSSTComCam/${obsid.slice(5, 13)}/${obsid}/${obsid}_R22_S11`;
/** A clock at noon of a day. */
export const noonOf = (day: string) => ({ nowUtcMs: () => Date.parse(`${day}T12:00:00Z`), monotonicMs: () => 0 });
