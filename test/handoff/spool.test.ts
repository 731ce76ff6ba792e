import { copyFileSync, existsSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { StagedFile } from '../../src/handoff/port.js';
import { PromptFileTarget } from '../../src/handoff/prompt-file.js';
import { sweepSpool } from '../../src/handoff/spool.js';
import type { Ledger } from '../../src/stage/port.js';
import { openLedger } from '../stage/open-ledger.js';
import { fileId, imageStart, written } from '../stage/records.js';
import { tempDir } from '../support/temp.js';
import { filesBelow, stage } from './staged.js';

const HOUR = 3_600_000;
const CORRECTED = fileId('S11', 'corrected');

let data: string;
let ledger: Ledger;
let file: StagedFile;

beforeEach(async () => {
  data = tempDir();
  ledger = (await openLedger(data)).ledger;
  onTestFinished(() => ledger.close());
  file = stage(data, CORRECTED);
  await ledger.beginImage(imageStart(undefined, ['S11'], ['raw', 'corrected']));
  await ledger.recordWritten(written(CORRECTED, ['prompt']));
  await ledger.recordSeal(CORRECTED, file.seal);
});

const object = () => join(data, 'bucket', `${file.relative}.fits`);

async function deliver(): Promise<void> {
  const [root, quarantine] = [join(data, 'bucket'), join(data, 'quarantine')];
  const { uri } = await new PromptFileTarget({ root, quarantine, folderMode: 0o755, product: 'corrected' }).deliver(
    file,
  );
  await record(uri);
}

const record = (uri: string) =>
  ledger.recordDelivery(CORRECTED, { target: 'prompt', state: 'delivered', uri, error: null });

const sweep = (ageMs: number, later = 2 * HOUR) =>
  sweepSpool({
    folder: join(data, 'corrected'),
    ledger: ledger.view(),
    clock: { nowUtcMs: () => Date.now() + later, monotonicMs: () => 0 },
    ageMs,
  });

describe('The spool', () => {
  it('loses a file and its sidecar once it is delivered and aged, while the object stays', async () => {
    await deliver();
    expect(await sweep(HOUR)).toEqual({ removed: 1, kept: 0 });
    expect(filesBelow(join(data, 'corrected'))).toEqual([]);
    expect(existsSync(object())).toBe(true);
    expect(await sweep(HOUR)).toEqual({ removed: 0, kept: 0 });
  });

  it('keeps a file that is too young', async () => {
    await deliver();
    expect(await sweep(3 * HOUR)).toEqual({ removed: 0, kept: 1 });
  });

  it('keeps a file that is not delivered everywhere', async () => {
    expect(await sweep(HOUR)).toEqual({ removed: 0, kept: 1 });
    await ledger.recordWritten(written(CORRECTED, ['prompt', 'second bucket']));
    await deliver();
    expect(await sweep(HOUR)).toEqual({ removed: 0, kept: 1 });
  });

  it('keeps the last copy: the object is gone, is another file, or cannot be looked at', async () => {
    await deliver();
    unlinkSync(object());
    expect(await sweep(HOUR)).toEqual({ removed: 0, kept: 1 });
    writeFileSync(object(), Buffer.alloc(file.bytes));
    expect(await sweep(HOUR)).toEqual({ removed: 0, kept: 1 });
  });

  it('counts distinct bytes with the sealed digest as a copy', async () => {
    copyFileSync(file.path, join(data, 'object.fits'));
    await record(pathToFileURL(join(data, 'object.fits')).href);
    expect(await sweep(HOUR)).toEqual({ removed: 1, kept: 0 });
  });

  it('keeps what the ledger does not know, and the archive', async () => {
    await deliver();
    const raw = stage(data, fileId('S11'));
    const unknown = stage(data, fileId('S12', 'corrected'));
    writeFileSync(join(data, 'corrected', 'notes.fits'), '');
    expect(await sweep(HOUR)).toEqual({ removed: 1, kept: 2 });
    expect(existsSync(raw.path) && existsSync(unknown.path)).toBe(true);
  });

  it('may be empty or not there yet', async () => {
    const none = {
      folder: join(data, 'none'),
      ledger: ledger.view(),
      clock: { nowUtcMs: Date.now, monotonicMs: () => 0 },
    };
    expect(await sweepSpool({ ...none, ageMs: 0 })).toEqual({ removed: 0, kept: 0 });
  });
});
