import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DaqNotice, DaqSource } from '../../src/daq/port.js';
import type { TestImage } from '../daq/images.js';

export interface Subject {
  readonly daq: DaqSource;
  readonly close: () => Promise<void>;
}

/** What every DaqSource promises. `open` gives a source that holds exactly `images`, in that order and whole. */
export function daqSourceConformance(name: string, images: readonly TestImage[], open: () => Promise<Subject>): void {
  describe(`${name} as a DaqSource`, () => {
    const [first, second] = images as readonly [TestImage, TestImage];
    const { tag } = first.description.image;
    const whole = first.packed.get('22/1') as Buffer;
    let subject: Subject;
    let daq: DaqSource;

    beforeEach(async () => {
      subject = await open();
      daq = subject.daq;
    });
    afterEach(() => subject.close());

    const read = async (offset: number, length: number, location = '22/1') => {
      const into = new Uint8Array(length);
      await daq.read({ tag, location, offset, length }, into);
      return Buffer.from(into);
    };

    it('lists the images of a folder, oldest first', async () => {
      expect((await daq.list()).map((image) => image.name)).toEqual(
        images.map(({ description }) => description.image.name),
      );
      expect(await daq.list('other')).toEqual([]);
    });

    it('describes an image with everything but its pixels', async () => {
      const { image, sources, conditions, absent } = await daq.describe(tag);
      const { triggerNs, ...expected } = first.description.image;
      expect(image).toMatchObject(expected);
      expect(image.triggerNs).toMatch(/^\d{19}$/);
      expect(sources).toEqual(first.description.sources);
      expect(conditions).toEqual(first.description.conditions);
      expect(absent).toEqual([]);
      expect(triggerNs).toMatch(/^\d{19}$/);
    });

    it('reads any range, also across pages and within a sample', async () => {
      expect((await read(0, whole.length)).equals(whole)).toBe(true);
      expect((await read(195_071, 3)).equals(whole.subarray(195_071, 195_074))).toBe(true);
      expect((await read(whole.length - 1, 1)).equals(whole.subarray(-1))).toBe(true);
    });

    it('answers several reads at once', async () => {
      const ranges = Array.from({ length: 24 }, (_, i) => ({ offset: i * 1000 + 7, length: 20_011 }));
      const answers = await Promise.all(ranges.map(({ offset, length }) => read(offset, length)));
      answers.forEach((bytes, i) => {
        const { offset, length } = ranges[i] ?? { offset: 0, length: 0 };
        expect(bytes.equals(whole.subarray(offset, offset + length))).toBe(true);
      });
    });

    it('keeps the images apart', async () => {
      const into = new Uint8Array(64);
      await daq.read({ tag: second.description.image.tag, location: '22/1', offset: 0, length: 64 }, into);
      expect(Buffer.from(into).equals((second.packed.get('22/1') as Buffer).subarray(0, 64))).toBe(true);
    });

    it('refuses what is not there, and goes on', async () => {
      const missing = { tag: 'feed', location: '22/1', offset: 0, length: 8 };
      await expect(daq.describe('feed')).rejects.toMatchObject({ code: 'DAQ_NO_IMAGE' });
      await expect(daq.read(missing, new Uint8Array(8))).rejects.toMatchObject({ code: 'DAQ_NO_IMAGE' });
      await expect(read(0, 8, '22/3')).rejects.toMatchObject({ code: 'DAQ_NO_SOURCE' });
      await expect(read(0, 8, '21/0')).rejects.toMatchObject({ code: 'DAQ_NO_SOURCE' });
      await expect(read(whole.length - 4, 8)).rejects.toMatchObject({ code: 'DAQ_NO_DATA' });
      await expect(daq.read({ tag, location: '22/1', offset: 0, length: 8 }, new Uint8Array(9))).rejects.toMatchObject({
        code: 'DAQ_INVALID_REQUEST',
      });
      expect((await read(0, 8)).equals(whole.subarray(0, 8))).toBe(true);
    });

    it('tells a late watcher of an image the state of all its sources, and ends', async () => {
      const notices = await collect(daq.watch({ tag, signal: AbortSignal.timeout(5000) }));
      expect(notices[0]).toEqual({ type: 'connection', state: 'open' });
      const landed = notices.filter((notice) => notice.type === 'landed');
      expect(landed).toHaveLength(first.packed.size);
      for (const [location, bytes] of first.packed) {
        expect(landed).toContainEqual({
          type: 'landed',
          tag,
          location,
          bytes: bytes.length,
          done: true,
          crc32: crc32(bytes),
        });
      }
    });

    it('refuses to watch an image that is not there', async () => {
      await expect(collect(daq.watch({ tag: 'feed', signal: AbortSignal.timeout(5000) }))).rejects.toMatchObject({
        code: 'DAQ_NO_IMAGE',
      });
    });

    it('ends a watch by folder when its signal aborts', async () => {
      const stop = new AbortController();
      const notices: DaqNotice[] = [];
      for await (const notice of daq.watch({ signal: stop.signal })) {
        notices.push(notice);
        stop.abort();
      }
      expect(notices).toEqual([{ type: 'connection', state: 'open' }]);
    });

    it('ends its watches when it is closed', async () => {
      const notices: DaqNotice[] = [];
      for await (const notice of daq.watch({ signal: AbortSignal.timeout(5000) })) {
        notices.push(notice);
        void daq.close();
      }
      expect(notices).toEqual([{ type: 'connection', state: 'open' }]);
    });
  });
}

export async function collect(notices: AsyncIterable<DaqNotice>): Promise<DaqNotice[]> {
  const all: DaqNotice[] = [];
  for await (const notice of notices) all.push(notice);
  return all;
}
