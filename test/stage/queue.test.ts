import { describe, expect, it } from 'vitest';
import { stageQueueConformance } from '../conformance/stage-queue.js';
import { ManualTimer } from '../support/manual-timer.js';
import { keptTempDir, tempDir } from '../support/temp.js';
import { openLedger } from './open-ledger.js';
import { fileId } from './records.js';

stageQueueConformance('Embedded', { standingClock: true }, async () => {
  const folder = keptTempDir();
  const clock = new ManualTimer();
  const { ledger, queue } = await openLedger(folder.path, clock);
  return {
    queue,
    advance: (ms) => clock.advance(ms),
    close: async () => {
      await ledger.close();
      folder.remove();
    },
  };
});

describe('The embedded queue', () => {
  it('gives out at once what an earlier process held or kept back, with the tries counted on', async () => {
    const folder = tempDir();
    const first = await openLedger(folder);
    await first.queue.add([
      { kind: 'seal', file: fileId('S00') },
      { kind: 'seal', file: fileId('S01') },
    ]);
    const [held, delayed] = await first.queue.claim(2, 3_600_000);
    if (held === undefined || delayed === undefined) throw new Error('two jobs were added');
    await first.queue.fail(delayed, { code: 'DISK_FULL', message: '', details: {} }, 3_600_000);
    await first.ledger.close();

    const second = await openLedger(folder);
    const claims = await second.queue.claim(10, 1000);
    expect(claims.map(({ id, attempt }) => ({ id, attempt }))).toEqual([
      { id: held.id, attempt: 2 },
      { id: delayed.id, attempt: 2 },
    ]);
    await second.ledger.close();
  });
});
