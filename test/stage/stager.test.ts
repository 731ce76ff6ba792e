import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Delivery } from '../../src/handoff/port.js';
import { systemClock, type Timer } from '../../src/model/clock.js';
import { ArchiverError } from '../../src/model/errors.js';
import { fileKey } from '../../src/model/ids.js';
import type { FileRow, Job } from '../../src/stage/port.js';
import { type StageHandlers, Stager, type StagerOptions } from '../../src/stage/stager.js';
import { ManualTimer } from '../support/manual-timer.js';
import { keptTempDir } from '../support/temp.js';
import { openLedger } from './open-ledger.js';
import { fileId, imageStart, OBSID, SEAL, SENSORS, written } from './records.js';

const FULL = new ArchiverError('DISK_FULL', { path: '/data' });

/** A real ledger and queue; the handlers are the test's and note what they are asked to do. */
async function setUp(handlers: Partial<StageHandlers> = {}, options: Partial<StagerOptions> = {}, clock?: Timer) {
  const folder = keptTempDir();
  const { ledger, queue } = await openLedger(folder.path, clock);
  const done: string[] = [];
  const delivered = (target: string): Delivery => ({ outcome: 'delivered', uri: `file:///${target}/x`, copy: false });
  const stager = new Stager({
    ledger,
    queue,
    clock: clock ?? systemClock,
    concurrency: 4,
    leaseMs: 60_000,
    attempts: Number.POSITIVE_INFINITY,
    report: () => undefined,
    ...options,
    handlers: {
      seal: async (row) => {
        done.push(`seal ${fileKey(row.file)}`);
        return (await handlers.seal?.(row)) ?? SEAL;
      },
      deliver: async (target, row) => {
        done.push(`${target} ${fileKey(row.file)}`);
        return (await handlers.deliver?.(target, row)) ?? delivered(target);
      },
    },
  });
  onTestFinished(async () => {
    await stager.close();
    await ledger.close();
    folder.remove();
  });
  const fileRow = async (sensor: string) => (await ledger.view().file(fileId(sensor))) as FileRow;
  return { ledger, queue, stager, done, fileRow };
}

async function waitFor(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 2));
}

const sealJobs = (sensors: readonly string[]): Job[] =>
  sensors.map((sensor) => ({ kind: 'seal', file: fileId(sensor) }));

describe('The stager', () => {
  it('seals what is written, then delivers it to each of its targets', async () => {
    const { ledger, stager, done } = await setUp();
    await ledger.beginImage(imageStart());
    for (const sensor of SENSORS) await ledger.recordWritten(written(fileId(sensor)));
    await stager.start();
    await stager.drain();
    expect(done).toHaveLength(3 * SENSORS.length);
    const files = (await ledger.view().image(OBSID))?.files ?? [];
    expect(files.every(({ state }) => state === 'sealed')).toBe(true);
    expect(files.flatMap(({ deliveries }) => deliveries).every(({ state }) => state === 'delivered')).toBe(true);
    for (const sensor of SENSORS) {
      const of = done.filter((line) => line.includes(`_${sensor}/`));
      expect(of[0]).toMatch(/^seal /);
    }
    expect(await ledger.view().openJobs()).toEqual([]);
  });

  it('finds at its start what an earlier process left open and no queue knows of', async () => {
    const { ledger, stager, done } = await setUp();
    await ledger.beginImage(imageStart());
    await ledger.recordWritten(written(fileId('S00')));
    await ledger.recordWritten(written(fileId('S01')));
    await ledger.recordSeal(fileId('S01'), SEAL);
    await stager.start();
    await waitFor(async () => (await ledger.view().openJobs()).length === 0);
    expect(done).toHaveLength(3 + 2);
  });

  it('begins at once with work that comes while it is idle', async () => {
    const { ledger, stager, fileRow } = await setUp({}, {}, new ManualTimer());
    await ledger.beginImage(imageStart());
    await stager.start();
    await ledger.recordWritten(written(fileId('S00')));
    // The clock stands still, so no timer helps.
    await stager.add(sealJobs(['S00']));
    await stager.drain();
    expect((await fileRow('S00')).deliveries.map(({ state }) => state)).toEqual(['delivered', 'delivered']);
  });

  it('works on no more jobs at once than it may', async () => {
    let now = 0;
    let most = 0;
    const seal = async () => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 5));
      now--;
      return SEAL;
    };
    const { ledger, stager } = await setUp({ seal }, { concurrency: 3 });
    await ledger.beginImage(imageStart());
    for (const sensor of SENSORS) await ledger.recordWritten(written(fileId(sensor), []));
    await stager.start();
    await stager.drain();
    expect(most).toBe(3);
  });

  it('tries again after an error that may pass, with growing waits', async () => {
    const clock = new ManualTimer();
    const starts: number[] = [];
    const deliver = async (): Promise<Delivery> => {
      starts.push(clock.monotonicMs());
      if (starts.length < 4) throw FULL;
      return { outcome: 'delivered', uri: 'file:///x', copy: false };
    };
    const { ledger, stager, fileRow } = await setUp({ deliver }, {}, clock);
    await ledger.beginImage(imageStart());
    await ledger.recordWritten(written(fileId('S00'), ['oods']));
    await stager.start();
    await waitFor(async () => {
      await clock.advance(50);
      return (await fileRow('S00')).deliveries[0]?.state === 'delivered';
    });
    const waits = starts.slice(1).map((start, index) => start - (starts[index] ?? 0));
    [100, 200, 400].forEach((least, index) => {
      expect(waits[index]).toBeGreaterThanOrEqual(least);
      // Not the poll, which comes every second, but the end of the wait starts it.
      expect(waits[index]).toBeLessThan(least + 500);
    });
  });

  it('sets a delivery aside when its error would repeat, and goes on with the others', async () => {
    const deliver = async (target: string): Promise<Delivery> => {
      if (target === 'dbb') throw new ArchiverError('FILE_MISSING', { path: 'x' });
      return { outcome: 'delivered', uri: 'file:///x', copy: false };
    };
    const { ledger, queue, stager, done, fileRow } = await setUp({ deliver });
    await ledger.beginImage(imageStart());
    await ledger.recordWritten(written(fileId('S00')));
    await stager.start();
    await stager.drain();
    const [dbb, oods] = (await fileRow('S00')).deliveries;
    expect(dbb).toMatchObject({ state: 'failed', error: { code: 'FILE_MISSING' } });
    expect(oods?.state).toBe('delivered');
    expect(await queue.counts()).toEqual({ waiting: 0, active: 0, failed: 1 });
    await stager.reconcile();
    await stager.drain();
    expect(done).toHaveLength(3);
  });

  it('sets a delivery aside when its tries are used up', async () => {
    const deliver = () => Promise.reject(FULL);
    const { ledger, stager, fileRow } = await setUp({ deliver }, { attempts: 2 });
    await ledger.beginImage(imageStart());
    await ledger.recordWritten(written(fileId('S00'), ['oods']));
    await stager.start();
    await stager.drain();
    expect((await fileRow('S00')).deliveries[0]).toMatchObject({ state: 'failed', error: { code: 'DISK_FULL' } });
  });

  it('fails a file that cannot be read back and delivers it nowhere', async () => {
    const seal = () => Promise.reject(new ArchiverError('FILE_MISSING', { path: 'x' }));
    const { ledger, stager, done, fileRow } = await setUp({ seal });
    await ledger.beginImage(imageStart());
    await ledger.recordWritten(written(fileId('S00')));
    await stager.start();
    await stager.drain();
    expect((await fileRow('S00')).state).toBe('failed');
    expect(done).toEqual([`seal ${fileKey(fileId('S00'))}`]);
  });

  it('records a conflict and tells of it', async () => {
    const told: string[] = [];
    const deliver = async (): Promise<Delivery> => ({ outcome: 'conflict', uri: 'file:///x', asidePath: '/q/x.1' });
    const { ledger, stager, fileRow } = await setUp({ deliver }, { report: ({ code }) => told.push(code) });
    await ledger.beginImage(imageStart());
    await ledger.recordWritten(written(fileId('S00'), ['oods']));
    await stager.start();
    await stager.drain();
    const [row] = (await fileRow('S00')).deliveries;
    expect(row).toMatchObject({ state: 'conflict', error: { code: 'FILE_CONFLICT', details: { aside: '/q/x.1' } } });
    expect(told).toEqual(['FILE_CONFLICT']);
  });

  it('has one effect for jobs that come twice, late or too early', async () => {
    const all: Job[] = SENSORS.slice(0, 3).flatMap((sensor) => [
      { kind: 'seal', file: fileId(sensor) },
      ...['dbb', 'oods'].map((target): Job => ({ kind: 'deliver', target, file: fileId(sensor) })),
    ]);
    const order = fc.array(fc.constantFrom(...all), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(order, async (jobs) => {
        const { ledger, stager, done } = await setUp();
        await ledger.beginImage(imageStart());
        for (const sensor of SENSORS.slice(0, 3)) await ledger.recordWritten(written(fileId(sensor)));
        for (const job of jobs) await stager.add([job]);
        await stager.start();
        await stager.drain();
        expect([...done].sort()).toEqual([...new Set(done)].sort());
        expect(done).toHaveLength(9);
        const events = (await ledger.events().pending('bus', 100)).map(({ id }) => id);
        expect(new Set(events).size).toBe(9);
        expect(await ledger.view().openJobs()).toEqual([]);
      }),
      { numRuns: 8 },
    );
  });

  it('ends a wait for the drain when its signal says so', async () => {
    const deliver = () => Promise.reject(FULL);
    const { ledger, stager } = await setUp({ deliver });
    await ledger.beginImage(imageStart());
    await ledger.recordWritten(written(fileId('S00'), ['oods']));
    await stager.start();
    await expect(stager.drain(AbortSignal.timeout(50))).rejects.toThrow(/timeout/);
  });
});
