import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ArchiverError } from '../../src/model/errors.js';
import type { Ledger, MetadataLedger } from '../../src/stage/port.js';
import { fileId, imageStart, OBSID, written } from '../stage/records.js';

export interface MetadataLedgerSubject {
  readonly ledger: Ledger & MetadataLedger;
  /** Closes the ledger and opens the same one again. */
  readonly reopen: () => Promise<Ledger & MetadataLedger>;
  readonly close: () => Promise<void>;
}

/** What every MetadataLedger promises. `open` gives a new, empty one that keeps the metadata of so many complete images. */
export function metadataLedgerConformance(name: string, open: (kept: number) => Promise<MetadataLedgerSubject>): void {
  describe(`${name} as a MetadataLedger`, () => {
    let subject: MetadataLedgerSubject;
    let ledger: Ledger & MetadataLedger;

    beforeEach(async () => {
      subject = await open(0);
      ledger = subject.ledger;
      await ledger.beginImage(imageStart(OBSID, ['S00', 'S01']));
    });
    afterEach(() => subject.close());

    it('keeps the first metadata of an image, also after it was closed', async () => {
      expect(await ledger.fixedMetadata(OBSID, 1)).toBeUndefined();
      expect(await ledger.fixMetadata(OBSID, 1, '{"header":1}')).toBe('{"header":1}');
      expect(await ledger.fixMetadata(OBSID, 1, '{"header":2}')).toBe('{"header":1}');
      const reopened = await subject.reopen();
      expect(await reopened.fixedMetadata(OBSID, 1)).toBe('{"header":1}');
      expect(await reopened.fixMetadata(OBSID, 1, '{"header":3}')).toBe('{"header":1}');
    });

    it('lets one of those win that come together, for all of them', async () => {
      const kept = await Promise.all(['1', '2', '3'].map((json) => ledger.fixMetadata(OBSID, 1, json)));
      expect(kept).toEqual(['1', '1', '1']);
    });

    it('keeps those of each image apart', async () => {
      const other = 'CC_O_20241108_000267';
      await ledger.beginImage(imageStart(other));
      await ledger.fixMetadata(OBSID, 1, '1');
      expect(await ledger.fixedMetadata(other, 1)).toBeUndefined();
      expect(await ledger.fixMetadata(other, 1, '2')).toBe('2');
    });

    it('refuses those of an image that was not begun', async () => {
      const early = ledger.fixMetadata('CC_O_20241108_000999', 1, '1');
      await expect(early).rejects.toMatchObject({ code: 'INTERNAL' });
      expect(await ledger.fixedMetadata('CC_O_20241108_000999', 1)).toBeUndefined();
    });

    it('takes the header package of a whole LSSTCam', async () => {
      const large = JSON.stringify({ header: 'µ'.repeat(4_000_000) });
      expect((await ledger.fixMetadata(OBSID, 1, large)) === large).toBe(true);
      expect((await ledger.fixedMetadata(OBSID, 1)) === large).toBe(true);
    });

    it('keeps them while the image lacks files, and removes them when it is complete', async () => {
      await ledger.fixMetadata(OBSID, 1, '1');
      expect((await ledger.closeImage(OBSID)).state).toBe('failed');
      expect(await ledger.fixedMetadata(OBSID, 1)).toBe('1');
      await ledger.recordWritten(written(fileId('S00')));
      expect((await ledger.closeImage(OBSID)).state).toBe('incomplete');
      expect(await ledger.fixedMetadata(OBSID, 1)).toBe('1');
      await ledger.recordWritten(written(fileId('S01')));
      expect(await ledger.fixedMetadata(OBSID, 1)).toBe('1');
      expect((await ledger.closeImage(OBSID)).state).toBe('complete');
      expect(await ledger.fixedMetadata(OBSID, 1)).toBeUndefined();
    });

    it('keeps those of the newest complete images, so that a lost file can be made again', async () => {
      await subject.close();
      subject = await open(2);
      ({ ledger } = subject);
      const obsids = [1, 2, 3, 4].map((n) => `CC_O_20241108_00000${n}`);
      for (const obsid of obsids) {
        await ledger.beginImage(imageStart(obsid, ['S00']));
        await ledger.fixMetadata(obsid, 1, obsid);
        await ledger.recordWritten(written(fileId('S00', 'raw', obsid)));
        await ledger.closeImage(obsid);
      }
      const kept = await Promise.all(obsids.map((obsid) => ledger.fixedMetadata(obsid, 1)));
      expect(kept).toEqual([undefined, undefined, obsids[2], obsids[3]]);
    });

    it('keeps those of each version apart', async () => {
      await ledger.fixMetadata(OBSID, 1, 'without a header');
      expect(await ledger.fixMetadata(OBSID, 2, 'with it')).toBe('with it');
      expect(await ledger.fixedMetadata(OBSID, 1)).toBe('without a header');
    });

    it('keeps those of a complete image that may still get a header package, until every file has one', async () => {
      const headerless = (sensor: string) => ({ ...written(fileId(sensor)), header: 'MISSING' as const });
      await ledger.fixMetadata(OBSID, 1, '1');
      expect(await ledger.view().headerless(10)).toEqual([]);
      for (const sensor of ['S00', 'S01']) await ledger.recordWritten(headerless(sensor));
      expect(await ledger.view().headerless(10)).toEqual([]); // not closed yet
      expect((await ledger.closeImage(OBSID)).state).toBe('complete');
      expect(await ledger.view().headerless(10)).toEqual([OBSID]);
      await ledger.recordWritten(written(fileId('S00', 'raw', OBSID, 2)));
      await ledger.closeImage(OBSID);
      expect(await ledger.fixedMetadata(OBSID, 1)).toBe('1');
      expect(await ledger.view().headerless(10)).toEqual([OBSID]);
      await ledger.recordWritten(written(fileId('S01', 'raw', OBSID, 2)));
      await ledger.closeImage(OBSID);
      expect(await ledger.view().headerless(10)).toEqual([]);
      expect(await ledger.fixedMetadata(OBSID, 1)).toBeUndefined();
    });

    it('removes them when a seal makes an incomplete image complete', async () => {
      const gone = new ArchiverError('FILE_MISSING', { path: 'S01.fits' }).toData();
      for (const sensor of ['S00', 'S01']) await ledger.recordWritten(written(fileId(sensor)));
      await ledger.recordSeal(fileId('S01'), gone);
      expect((await ledger.closeImage(OBSID)).state).toBe('incomplete');
      await ledger.fixMetadata(OBSID, 1, '1');
      await ledger.recordSeal(fileId('S01'), { sha256: 'a'.repeat(64), md5: 'b'.repeat(32) });
      expect((await ledger.view().image(OBSID))?.state).toBe('complete');
      expect(await ledger.fixedMetadata(OBSID, 1)).toBeUndefined();
    });
  });
}
