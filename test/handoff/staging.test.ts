import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DbbTarget } from '../../src/handoff/dbb.js';
import { Deliverer } from '../../src/handoff/deliverer.js';
import { OodsTarget } from '../../src/handoff/oods.js';
import type { StagingTarget } from '../../src/handoff/port.js';
import { PromptFileTarget } from '../../src/handoff/prompt-file.js';
import { systemClock } from '../../src/model/clock.js';
import { loadNative } from '../../src/native/binding.js';
import type { FileRow } from '../../src/stage/port.js';
import { sealFile } from '../../src/stage/seal.js';
import { Stager } from '../../src/stage/stager.js';
import { openLedger } from '../stage/open-ledger.js';
import { fileId, imageStart, OBSID, SENSORS, written } from '../stage/records.js';
import { tempDir } from '../support/temp.js';
import { digest, inode, READER, stage } from './staged.js';

function targetsOf(data: string): StagingTarget[] {
  const common = { folderMode: 0o755, quarantine: join(data, 'quarantine') };
  return [
    new OodsTarget({ ...common, root: join(data, 'oods'), mode: 'link' }),
    new DbbTarget({
      ...common,
      root: join(data, 'dbb'),
      mode: 'link',
      manifests: join(data, 'manifests'),
      digester: READER,
    }),
    new PromptFileTarget({ ...common, root: join(data, 'bucket'), product: 'corrected' }),
  ];
}

/** Ledger, queue, stager and targets as they work together. */
async function setUp(data: string) {
  const { ledger, queue } = await openLedger(data);
  const targets = targetsOf(data);
  const deliverer = new Deliverer(data, targets);
  const stager = new Stager({
    ...{ ledger, queue, clock: systemClock, concurrency: 4, leaseMs: 60_000, attempts: 3, report: () => undefined },
    handlers: {
      seal: ({ path, sidecarPath, bytes }) =>
        sealFile({ path: join(data, path), sidecarPath: join(data, sidecarPath), bytes }, loadNative().dataSum),
      deliver: (target, row) => deliverer.deliver(target, row),
    },
  });
  onTestFinished(async () => {
    await stager.close();
    await ledger.close();
  });
  return { ledger, stager, targets };
}

describe('From the archive to the targets', () => {
  it('nine CCDs reach OODS, DBB and the bucket with equal digests everywhere, and are announced', async () => {
    const data = tempDir();
    const { ledger, stager, targets } = await setUp(data);
    const products = ['raw', 'corrected'] as const;
    await ledger.beginImage(imageStart(OBSID, SENSORS, [...products]));
    for (const id of products.flatMap((product) => SENSORS.map((sensor) => fileId(sensor, product)))) {
      const { path, sidecarPath, bytes } = stage(data, id);
      const names = targets.filter((target) => target.accepts(id)).map(({ name }) => name);
      const paths = { path: path.slice(data.length + 1), sidecarPath: sidecarPath.slice(data.length + 1) };
      await ledger.recordWritten({ ...written(id, names), ...paths, bytes });
    }
    await ledger.closeImage(OBSID);
    await stager.start();
    await stager.drain();

    const files = (await ledger.view().image(OBSID))?.files as FileRow[];
    expect(files).toHaveLength(18);
    for (const row of files) {
      const folders = row.file.product === 'raw' ? ['oods', 'dbb'] : ['bucket'];
      const archived = join(data, row.path);
      expect(row.deliveries.map(({ state }) => state)).toEqual(folders.map(() => 'delivered'));
      for (const folder of folders) {
        const path = join(data, folder, row.path.replace(/^\w+\//, ''));
        expect([digest(path), digest(path, 'md5')]).toEqual([row.seal?.sha256, row.seal?.md5]);
        expect(inode(path)).toBe(inode(archived));
      }
    }
    const types = (await ledger.events().pending('bus', 1000)).map(({ type }) => type);
    for (const type of ['imageRetrievalForArchiving', 'imageInOODS', 'imageArchived', 'imageForwarded']) {
      expect(types.filter((other) => other === type)).toHaveLength(SENSORS.length);
    }
    expect(types).toHaveLength(4 * SENSORS.length);
  });

  it('a target that is no longer configured is told, and holds up nothing else', async () => {
    const data = tempDir();
    const { ledger, stager } = await setUp(data);
    await ledger.beginImage(imageStart(OBSID, ['S00']));
    const { path, sidecarPath, bytes } = stage(data, fileId('S00'));
    const paths = { path: path.slice(data.length + 1), sidecarPath: sidecarPath.slice(data.length + 1) };
    await ledger.recordWritten({ ...written(fileId('S00'), ['oods', 'tape']), ...paths, bytes });
    await stager.start();
    await stager.drain();
    const [oods, tape] = (await ledger.view().file(fileId('S00')))?.deliveries ?? [];
    expect(oods?.state).toBe('delivered');
    expect(tape).toMatchObject({ state: 'failed', error: { code: 'CONFIG_INVALID' } });
  });
});
