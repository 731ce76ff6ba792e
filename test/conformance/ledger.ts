import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ArchiverError } from '../../src/model/errors.js';
import type { Product } from '../../src/model/ids.js';
import type { DeliveryRow, Ledger } from '../../src/stage/port.js';
import { CREATED_AT, ccd, fileId, imageStart, OBSID, SEAL, SENSORS, written } from '../stage/records.js';

export interface LedgerSubject {
  readonly ledger: Ledger;
  /** Closes the ledger and opens the same one again. */
  readonly reopen: () => Promise<Ledger>;
  readonly close: () => Promise<void>;
}

const ERROR = new ArchiverError('SOURCE_EMPTY', { location: '22/1', image: OBSID }).toData();
const DELIVERED: DeliveryRow = { target: 'oods', state: 'delivered', uri: 'file:///oods/x.fits', error: null };

/** What every Ledger promises. `open` gives a new, empty one. */
export function ledgerConformance(name: string, open: () => Promise<LedgerSubject>): void {
  describe(`${name} as a Ledger`, () => {
    let subject: LedgerSubject;
    let ledger: Ledger;

    beforeEach(async () => {
      subject = await open();
      ledger = subject.ledger;
    });
    afterEach(() => subject.close());

    const eventIds = async () => (await ledger.events().pending('bus', 1000)).map((event) => event.id);
    const sealed = async (sensor: string) => {
      await ledger.recordWritten(written(fileId(sensor)));
      await ledger.recordSeal(fileId(sensor), SEAL);
    };

    it('gives back what it was told, also after it was closed', async () => {
      await ledger.beginImage(imageStart());
      await sealed('S11');
      await ledger.recordDelivery(fileId('S11'), DELIVERED);
      await ledger.recordFailure({ ...ccd('S12'), error: ERROR });
      const before = await ledger.view().image(OBSID);
      expect(before).toMatchObject({ obsid: OBSID, tag: `tag of ${OBSID}`, createdAt: CREATED_AT, state: 'open' });
      expect(before?.files).toEqual([
        {
          ...written(fileId('S11')),
          instrument: 'LSSTComCam',
          state: 'sealed',
          seal: SEAL,
          deliveries: [{ target: 'dbb', state: 'pending', uri: null, error: null }, DELIVERED],
        },
      ]);
      expect(before?.failures).toEqual([{ ...ccd('S12'), error: ERROR }]);
      const reopened = await subject.reopen();
      expect(await reopened.view().image(OBSID)).toEqual(before);
      expect(await reopened.view().file(fileId('S11'))).toEqual(before?.files[0]);
    });

    it('keeps the first createdAt and tells what is written already', async () => {
      expect(await ledger.beginImage(imageStart())).toEqual({
        obsid: OBSID,
        createdAt: CREATED_AT,
        state: 'open',
        written: [],
      });
      await ledger.recordWritten(written(fileId('S00')));
      const again = await ledger.beginImage({ ...imageStart(), createdAt: '2030-01-01T00:00:00.000' });
      expect(again).toEqual({ obsid: OBSID, createdAt: CREATED_AT, state: 'open', written: [fileId('S00')] });
    });

    it('refuses another DAQ image under a name that is taken', async () => {
      await ledger.beginImage(imageStart());
      await expect(ledger.beginImage({ ...imageStart(), tag: 'other' })).rejects.toMatchObject({
        code: 'IMAGE_NAME_REUSED',
      });
    });

    it('refuses what cannot be so: seal before file, delivery before seal, no such image or target', async () => {
      await expect(ledger.recordWritten(written(fileId('S00')))).rejects.toMatchObject({ code: 'INTERNAL' });
      await expect(ledger.closeImage(OBSID)).rejects.toMatchObject({ code: 'INTERNAL' });
      await ledger.beginImage(imageStart());
      await expect(ledger.recordSeal(fileId('S00'), SEAL)).rejects.toMatchObject({ code: 'INTERNAL' });
      await ledger.recordWritten(written(fileId('S00')));
      const early = ledger.recordDelivery(fileId('S00'), DELIVERED);
      await expect(early).rejects.toThrow(/delivery of .*S00.* to oods was recorded before the file was sealed/);
      await ledger.recordSeal(fileId('S00'), SEAL);
      const elsewhere = ledger.recordDelivery(fileId('S00'), { ...DELIVERED, target: 'moon' });
      await expect(elsewhere).rejects.toThrow(/does not go there/);
    });

    it('refuses a repeat that says something else', async () => {
      await ledger.beginImage(imageStart());
      await sealed('S00');
      const otherBytes = ledger.recordWritten({ ...written(fileId('S00')), bytes: 1 });
      await expect(otherBytes).rejects.toMatchObject({ code: 'INTERNAL' });
      const otherSeal = ledger.recordSeal(fileId('S00'), { ...SEAL, sha256: 'c'.repeat(64) });
      await expect(otherSeal).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
      expect((await ledger.view().file(fileId('S00')))?.seal).toEqual(SEAL);
    });

    it('leaves no trace of a call that it refused among calls that came with it', async () => {
      await ledger.beginImage(imageStart());
      const results = await Promise.allSettled([
        ledger.recordWritten(written(fileId('S00'))),
        ledger.recordSeal(fileId('S01'), SEAL),
        ledger.recordWritten(written(fileId('S02'))),
      ]);
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      const files = (await ledger.view().image(OBSID))?.files ?? [];
      expect(files.map(({ file }) => file.sensor)).toEqual(['S00', 'S02']);
    });

    it('leaves no trace of a call that failed half-way', async () => {
      const sound = imageStart();
      const expected = [...sound.expected, { raft: 'R22', sensor: 'S11', product: 'neither' as Product }];
      await expect(ledger.beginImage({ ...sound, expected })).rejects.toMatchObject({ code: 'INTERNAL' });
      expect(await ledger.view().image(OBSID)).toBeUndefined();
    });

    it('does not publish anew what it is told again', async () => {
      await ledger.beginImage(imageStart());
      const failure = { ...ccd('S12'), error: ERROR };
      await ledger.recordFailure(failure);
      await ledger.closeImage(OBSID);
      await ledger.events().markPublished('bus', (await eventIds()).at(-1) ?? '');
      await ledger.recordFailure(failure);
      await ledger.closeImage(OBSID);
      expect(await eventIds()).toEqual([]);
    });

    it('closes an image as complete, incomplete or failed by what is there', async () => {
      await ledger.beginImage(imageStart());
      for (const sensor of SENSORS) await ledger.recordFailure({ ...ccd(sensor), error: ERROR });
      expect((await ledger.closeImage(OBSID)).state).toBe('failed');
      await ledger.recordWritten(written(fileId('S00')));
      expect((await ledger.closeImage(OBSID)).state).toBe('incomplete');
      for (const sensor of SENSORS) await ledger.recordWritten(written(fileId(sensor)));
      expect(await ledger.closeImage(OBSID)).toMatchObject({ state: 'complete', failures: [] });
    });

    it('says which files an incomplete image lacks and why, once', async () => {
      await ledger.beginImage(imageStart(OBSID, ['S00', 'S01', 'S02']));
      await ledger.recordWritten(written(fileId('S00')));
      await ledger.recordFailure({ ...ccd('S01'), error: ERROR });
      await ledger.closeImage(OBSID);
      await ledger.closeImage(OBSID);
      const events = (await ledger.events().pending('bus', 100)).filter(({ type }) => type === 'imageIncomplete');
      expect(events).toHaveLength(1);
      expect(events[0]).toMatchObject({
        missing: [
          { raft: 'R22', sensor: 'S01', product: 'raw', reason: `SOURCE_EMPTY: ${ERROR.message}` },
          { raft: 'R22', sensor: 'S02', product: 'raw', reason: 'no result was recorded' },
        ],
      });
    });

    it('an image whose file cannot be read back is no longer complete', async () => {
      await ledger.beginImage(imageStart(OBSID, ['S00', 'S01']));
      for (const sensor of ['S00', 'S01']) await ledger.recordWritten(written(fileId(sensor)));
      expect((await ledger.closeImage(OBSID)).state).toBe('complete');
      const missing = new ArchiverError('FILE_MISSING', { path: 'S01.fits' }).toData();
      await ledger.recordSeal(fileId('S01'), missing);
      const image = await ledger.view().image(OBSID);
      expect(image?.state).toBe('incomplete');
      expect(image?.failures).toEqual([{ ...ccd('S01'), error: missing }]);
      expect((await ledger.beginImage(imageStart(OBSID, ['S00', 'S01']))).written).toEqual([fileId('S00')]);
    });

    it('forgets the failure of a CCD that is written later, and ignores one that comes after', async () => {
      await ledger.beginImage(imageStart());
      await ledger.recordFailure({ ...ccd('S00'), error: ERROR });
      await ledger.recordWritten(written(fileId('S00')));
      await ledger.recordFailure({ ...ccd('S00'), error: ERROR });
      const image = await ledger.view().image(OBSID);
      expect(image?.failures).toEqual([]);
      expect(image?.files[0]?.state).toBe('written');
    });

    it('names the open jobs: written files to seal, sealed files to deliver', async () => {
      await ledger.beginImage(imageStart());
      await ledger.recordWritten(written(fileId('S00')));
      await sealed('S01');
      await sealed('S02');
      await ledger.recordDelivery(fileId('S02'), DELIVERED);
      expect(await ledger.view().openJobs()).toEqual([
        { kind: 'seal', file: fileId('S00') },
        { kind: 'deliver', target: 'dbb', file: fileId('S01') },
        { kind: 'deliver', target: 'oods', file: fileId('S01') },
        { kind: 'deliver', target: 'dbb', file: fileId('S02') },
      ]);
    });

    it('lists images newest first and the open ones in the order of their begin', async () => {
      const obsids = [1, 2, 3].map((n) => `CC_O_20241108_00000${n}`);
      for (const obsid of obsids) await ledger.beginImage(imageStart(obsid, ['S00']));
      await ledger.closeImage(obsids[1] as string);
      expect((await ledger.view().images(2)).map(({ obsid }) => obsid)).toEqual([obsids[2], obsids[1]]);
      expect((await ledger.view().images(9, obsids[2])).map(({ obsid }) => obsid)).toEqual([obsids[1], obsids[0]]);
      expect(await ledger.view().images(9, obsids[0])).toEqual([]);
      expect((await ledger.view().openImages()).map(({ obsid }) => obsid)).toEqual([obsids[0], obsids[2]]);
    });

    it('keeps later versions beside the first', async () => {
      await ledger.beginImage(imageStart());
      for (const version of [1, 2]) await ledger.recordWritten(written(fileId('S00', 'raw', OBSID, version)));
      const files = (await ledger.view().image(OBSID))?.files ?? [];
      expect(files.map(({ file }) => file.version)).toEqual([1, 2]);
    });

    it('stores each event with the fact that it states, until it is marked as published', async () => {
      await ledger.beginImage(imageStart());
      await sealed('S00');
      await ledger.recordDelivery(fileId('S00'), DELIVERED);
      await ledger.recordDelivery(fileId('S00'), { ...DELIVERED, target: 'dbb' });
      const events = await ledger.events().pending('bus', 100);
      expect(events.map(({ type }) => type)).toEqual(['imageRetrievalForArchiving', 'imageInOODS', 'imageArchived']);
      expect(events[2]).toMatchObject({
        sha256: SEAL.sha256,
        bytes: 15_000_000,
        version: 1,
        archiverName: 'CCArchiver',
      });
      await ledger.events().markPublished('bus', events[0]?.id ?? '');
      expect(await eventIds()).toEqual(events.slice(1).map(({ id }) => id));
    });

    it('is the same for calls made once, repeated and in any order that can be', async () => {
      const calls = [
        () => ledger.recordWritten(written(fileId('S00'))),
        () => ledger.recordSeal(fileId('S00'), SEAL),
        () => ledger.recordDelivery(fileId('S00'), DELIVERED),
        () => ledger.recordFailure({ ...ccd('S00'), error: ERROR }),
        () => ledger.closeImage(OBSID),
      ];
      await ledger.beginImage(imageStart(OBSID, ['S00']));
      for (const call of calls) await call();
      const once = { image: await ledger.view().image(OBSID), events: await eventIds() };
      const repeats = fc.array(fc.nat(calls.length - 1), { maxLength: 12 });
      await fc.assert(
        fc.asyncProperty(repeats, async (order) => {
          for (const index of order) await calls[index]?.();
          expect({ image: await ledger.view().image(OBSID), events: await eventIds() }).toEqual(once);
        }),
        { numRuns: 30 },
      );
    });
  });
}
