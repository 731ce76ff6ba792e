import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HeaderSource } from '../../src/header/port.js';

export interface Subject {
  readonly source: HeaderSource;
  /** Makes the text of a package available at once, replacing an earlier one. */
  readonly put: (obsid: string, text: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

const OBSID = 'CC_O_20241108_000266';
const packageOf = (obsid: string, value = 'FLAT'): string =>
  `PRIMARY:\n- keyword: OBSID\n  value: ${obsid}\n  comment: ''\n- keyword: IMGTYPE\n  value: ${value}\n  comment: ''\n`;

/** What every HeaderSource promises; `open` gives one without any package. */
export function headerSourceConformance(name: string, open: () => Promise<Subject>): void {
  describe(`${name} as a HeaderSource`, () => {
    let subject: Subject;
    beforeEach(async () => {
      subject = await open();
    });
    afterEach(async () => {
      await subject.source.close();
      await subject.close();
    });
    const fetch = (obsid = OBSID, signal = AbortSignal.timeout(10_000)) => subject.source.fetch(obsid, { signal });
    const code = (expected: string) => expect.objectContaining({ code: expected });

    it('gives the package of an image', async () => {
      await subject.put(OBSID, packageOf(OBSID));
      const { obsid, sections } = await fetch();
      expect(obsid).toBe(OBSID);
      expect(sections[0]?.records[1]).toEqual({
        keyword: 'IMGTYPE',
        value: { text: 'FLAT', quoted: false },
        comment: '',
      });
    });

    it('waits for a package that comes later', async () => {
      const fetched = fetch();
      await subject.put(OBSID, packageOf(OBSID));
      expect((await fetched).obsid).toBe(OBSID);
    });

    it('waits until a package that is still being written is whole', async () => {
      const whole = packageOf(OBSID);
      await subject.put(OBSID, whole.slice(0, 40));
      const fetched = fetch();
      let written = 40;
      while (written < whole.length) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        written += 5;
        await subject.put(OBSID, whole.slice(0, written));
      }
      expect((await fetched).sections[0]?.records).toHaveLength(2);
    });

    it('says HEADER_MISSING when the signal aborts first', async () => {
      await expect(fetch(OBSID, AbortSignal.timeout(50))).rejects.toThrow(code('HEADER_MISSING'));
      await expect(fetch(OBSID, AbortSignal.abort())).rejects.toThrow(code('HEADER_MISSING'));
    });

    it('says HEADER_MISSING when it is closed first', async () => {
      const fetched = expect(fetch()).rejects.toThrow(code('HEADER_MISSING'));
      await subject.source.close();
      await fetched;
    });

    it('says HEADER_INVALID for a package that stays broken', async () => {
      await subject.put(OBSID, 'PRIMARY: [');
      await expect(fetch()).rejects.toThrow(code('HEADER_INVALID'));
    });

    it('says HEADER_INVALID for an empty package', async () => {
      await subject.put(OBSID, '');
      await expect(fetch()).rejects.toThrow(code('HEADER_INVALID'));
    });

    it('says HEADER_WRONG_IMAGE for a package that names another image', async () => {
      await subject.put(OBSID, packageOf('CC_O_20241108_000267'));
      await expect(fetch()).rejects.toThrow(code('HEADER_WRONG_IMAGE'));
    });

    it.each([
      '../../etc/passwd',
      'CC_O_20241108_000266/..',
      '',
      'CC_O_20241108_00026\0',
      'http://x/CC_O_20241108_000266',
    ])('refuses the image name %j', async (obsid) => {
      await expect(fetch(obsid)).rejects.toThrow(code('IMAGE_NAME_INVALID'));
    });

    it('serves several images at once', async () => {
      const other = 'CC_O_20241108_000267';
      const both = Promise.all([fetch(OBSID), fetch(other)]);
      await subject.put(other, packageOf(other, 'BIAS'));
      await subject.put(OBSID, packageOf(OBSID));
      expect((await both).map(({ obsid }) => obsid)).toEqual([OBSID, other]);
    });
  });
}
