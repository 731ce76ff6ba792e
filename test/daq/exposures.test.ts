import { describe, expect, it } from 'vitest';
import { playlist } from '../../src/daq/emulator/playlist.js';
import type { CameraEvent, DaqNotice } from '../../src/daq/port.js';
import { taiFromIso } from '../../src/model/time.js';
import { emulation } from './emulation.js';
import { FIRST_IMAGE, SECOND_IMAGE } from './images.js';

/** Everything that a subscriber hears until `count` images are over. */
async function listen(notices: AsyncIterable<DaqNotice>, count: number, stop: AbortController): Promise<DaqNotice[]> {
  const heard: DaqNotice[] = [];
  for await (const notice of notices) {
    heard.push(notice);
    const over = heard.filter((one) => one.type === 'event' && one.event.type === 'endOfImageTelemetry');
    if (over.length === count) stop.abort();
  }
  return heard;
}

async function exposures(count: number, options: Parameters<typeof emulation>[0]) {
  const made = await emulation({ start: 'first-subscriber', ...options });
  const stop = new AbortController();
  const heard = await listen(made.daq.watch({ signal: stop.signal }), count, stop);
  const events = heard.flatMap((notice): CameraEvent[] => (notice.type === 'event' ? [notice.event] : []));
  return { ...made, heard, events };
}

const ms = (event: CameraEvent | undefined) => Number((taiFromIso(event?.time ?? '') ?? 0n) / 1_000_000n);

describe('an exposure of the emulator', () => {
  it('tells the first subscriber everything, in the order of a real one', async () => {
    const { heard } = await exposures(1, {});
    const kinds = heard.map((notice) => (notice.type === 'event' ? notice.event.type : notice.type));
    expect(kinds).toEqual([
      'connection',
      'startIntegration',
      'endIntegration',
      'image',
      'startReadout',
      'landed',
      'landed',
      'landed',
      'endReadout',
      'endOfImageTelemetry',
    ]);
  });

  it('gives times that are true', async () => {
    const before = Date.now() + 37_000;
    const { events, heard } = await exposures(1, { pace: 'realtime', exposureMs: 120 });
    const [start, end, readout, endReadout, telemetry] = events;
    const image = heard.find((notice) => notice.type === 'image')?.image;
    expect(ms(start)).toBeGreaterThanOrEqual(before);
    expect(ms(end) - ms(start)).toBeGreaterThanOrEqual(119);
    expect(ms(readout)).toBe(Number(BigInt(image?.triggerNs ?? 0) / 1_000_000n));
    expect(ms(endReadout)).toBeGreaterThan(ms(readout));
    expect(ms(telemetry) - ms(endReadout)).toBeGreaterThanOrEqual(299);
    expect(ms(telemetry)).toBeLessThanOrEqual(Date.now() + 37_000);
    expect(start?.fields).toMatchObject({ exposureTime: 0.12, imageIndex: 1, imagesInSequence: 1, imageNumber: 1 });
    expect(telemetry?.fields.darkTime).toBeCloseTo((ms(readout) - ms(start)) / 1000, 2);
  });

  it('tells a late subscriber the same facts', async () => {
    const { daq, events, heard } = await exposures(1, {});
    const image = heard.find((notice) => notice.type === 'image')?.image;
    const description = await daq.describe(image?.tag ?? '');
    expect(description.events).toEqual(events);
    expect(description.image).toEqual(image);
  });

  it('takes a stored image again under the next free name, and says which one it shows', async () => {
    const { daq, heard, image } = await exposures(3, { repeat: true, count: 3 });
    const images = heard.flatMap((notice) => (notice.type === 'image' ? [notice.image] : []));
    expect(images.map(({ name }) => name)).toEqual([FIRST_IMAGE, 'CC_S_20261121_000002', 'CC_S_20261121_000003']);
    expect(new Set(images.map(({ tag }) => tag)).size).toBe(3);
    const { conditions, events } = await daq.describe(images[2]?.tag ?? '');
    expect(conditions['*']).toEqual({ ...image.description.conditions['*'], EMUIMAGE: FIRST_IMAGE });
    expect(events.at(-1)?.fields.emulatedImage).toBe(FIRST_IMAGE);
  });

  it('refuses an address that is taken', async () => {
    const { emulator } = await emulation();
    const port = Number(emulator.address.split(':')[1]);
    await expect(emulation({ endpoint: { host: '127.0.0.1', port } })).rejects.toMatchObject({ code: 'PORT_IN_USE' });
  });

  it('refuses to start with an image that its store does not have', async () => {
    await expect(emulation({ images: [SECOND_IMAGE] })).rejects.toMatchObject({ code: 'FILE_MISSING' });
  });
});

describe('a playlist', () => {
  const names = (options: Parameters<typeof playlist>[0]) => [...playlist(options)].map(({ name }) => name.slice(-6));

  it('ends after one round, or after a count', () => {
    const images = [FIRST_IMAGE, SECOND_IMAGE];
    expect(names({ images, repeat: false })).toEqual(['000001', '000002']);
    expect(names({ images, repeat: false, count: 1 })).toEqual(['000001']);
    expect(names({ images, repeat: false, count: 5 })).toEqual(['000001', '000002']);
    expect(names({ images, repeat: true, count: 5 })).toEqual(['000001', '000002', '000003', '000004', '000005']);
  });

  it('never uses a name twice, whatever the order of the stored ones', () => {
    const images = ['CC_S_20261121_000005', 'CC_S_20261121_000002', 'CC_S_20261120_000009'];
    const all = [...playlist({ images, repeat: true, count: 9 })].map(({ name }) => name);
    expect(new Set(all).size).toBe(9);
    expect(all.slice(3, 6)).toEqual(['CC_S_20261121_000006', 'CC_S_20261121_000007', 'CC_S_20261120_000010']);
  });
});
