import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/model/clock.js';
import { ArchiverError, type ErrorCode } from '../../src/model/errors.js';
import { type StageHandlers, Stager } from '../../src/stage/stager.js';
import { tempDir } from '../support/temp.js';
import { openLedger } from './open-ledger.js';
import { fileId, imageStart, OBSID, SENSORS, written } from './records.js';

const FILE = fileId('S00');
const SEAL = { sha256: 'a'.repeat(64), md5: 'b'.repeat(32) };

/** One process that writes the file, stages what is open, and ends. @returns how the ledger then has the file */
async function run(folder: string, handlers: Partial<StageHandlers>) {
  const { ledger, queue } = await openLedger(folder);
  const stager = new Stager({
    ...{ ledger, queue, clock: systemClock, concurrency: 1, leaseMs: 60_000, attempts: 1, report: () => undefined },
    handlers: {
      seal: async () => SEAL,
      deliver: async () => ({ outcome: 'delivered', uri: 'file:///x', copy: false }),
      ...handlers,
    },
  });
  await ledger.beginImage(imageStart(OBSID, SENSORS));
  await ledger.recordWritten(written(FILE, ['oods']));
  await stager.start();
  await stager.drain();
  const row = await ledger.view().file(FILE);
  await stager.close();
  await ledger.close();
  return { file: row?.state, oods: row?.deliveries[0]?.state };
}

function failing(code: ErrorCode) {
  return async (): Promise<never> => {
    throw new ArchiverError(code, { path: '/x', reason: 'test' });
  };
}

describe('what one process set aside', () => {
  it('is delivered by the next one when its error may pass', async () => {
    const folder = tempDir();
    expect(await run(folder, { deliver: failing('DISK_FULL') })).toEqual({ file: 'sealed', oods: 'failed' });
    expect(await run(folder, {})).toEqual({ file: 'sealed', oods: 'delivered' });
  });

  it('is left alone when its error would come again', async () => {
    const folder = tempDir();
    expect(await run(folder, { deliver: failing('DIGEST_MISMATCH') })).toEqual({ file: 'sealed', oods: 'failed' });
    expect(await run(folder, {})).toEqual({ file: 'sealed', oods: 'failed' });
  });

  it('is sealed and delivered when the file was written anew', async () => {
    const folder = tempDir();
    expect(await run(folder, { seal: failing('FILE_MISSING') })).toEqual({ file: 'failed', oods: 'pending' });
    expect(await run(folder, {})).toEqual({ file: 'sealed', oods: 'delivered' });
  });
});
