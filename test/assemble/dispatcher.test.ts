import { describe, expect, it, onTestFinished } from 'vitest';
import { Dispatcher } from '../../src/assemble/dispatcher.js';
import type { BandTask } from '../../src/assemble/jobs.js';
import { SourceReader } from '../../src/assemble/source-reader.js';
import { sourceLayout } from '../../src/camera/geometry.js';
import { systemClock, type Timer } from '../../src/model/clock.js';
import { ArchiverError } from '../../src/model/errors.js';
import { loadNative } from '../../src/native/binding.js';
import { FIRST_IMAGE, LOCATIONS, SMALL_CAMERA, testImage } from '../daq/images.js';
import { ManualTimer } from '../support/manual-timer.js';

const { description, packed } = testImage(FIRST_IMAGE);
const SLOW = '22/0';

type Read = (task: BandTask, bytes: Uint8Array) => Promise<Uint8Array>;

/** A dispatcher over real native sources; `read` stands where the DAQ is and may be slow, fail or lie. */
function dispatching(read: Read, clock: Timer = systemClock) {
  const native = loadNative();
  const dispatcher = new Dispatcher({
    daq: { kind: 'network', address: '' },
    limit: 4,
    clock,
    run: async (task) => {
      const { offset, length, firstRow, rowCount } = task.band;
      const whole = packed.get(task.location) ?? Buffer.alloc(0);
      const bytes = await read(task, whole.subarray(offset, offset + length));
      return native.band(task.handle, { first: firstRow, count: rowCount }, bytes);
    },
  });
  const readers = new Map(
    description.sources.map((source) => {
      const layout = sourceLayout(SMALL_CAMERA, source.location);
      const open = { layout, products: ['raw'], compression: 'rice' } as const;
      const options = { obsid: FIRST_IMAGE, tag: description.image.tag, source, bandRows: 10, open };
      return [source.location, new SourceReader(native, options)];
    }),
  );
  onTestFinished(() => {
    for (const reader of readers.values()) reader.release();
  });
  for (const reader of readers.values()) reader.progress(reader.expectedBytes, true);
  const done = (location: string) => readers.get(location)?.done ?? expect.fail('no reader');
  return { dispatcher, readers, done };
}

describe('the dispatcher', () => {
  it('does not let a source that never answers hold up the others', async () => {
    const { dispatcher, readers, done } = dispatching((task, bytes) =>
      task.location === SLOW ? new Promise(() => undefined) : Promise.resolve(bytes),
    );
    dispatcher.add(FIRST_IMAGE, readers);
    for (const location of LOCATIONS.filter((one) => one !== SLOW)) {
      expect(await done(location)).toMatchObject({ location, bytes: 691_200 });
    }
  });

  it('tries a failing source one band at a time, each after a rest, until one succeeds', async () => {
    const clock = new ManualTimer();
    let tries = 0;
    let failing = true;
    const { dispatcher, readers, done } = dispatching(async (task, bytes) => {
      if (task.location !== SLOW || !failing) return bytes;
      tries++;
      throw new ArchiverError('DAQ_TIMEOUT', { what: 'a test', seconds: 1 });
    }, clock);
    dispatcher.add(FIRST_IMAGE, readers);
    await Promise.all(LOCATIONS.filter((one) => one !== SLOW).map(done));
    for (let round = 0; round < 5; round++) {
      const before = tries;
      await clock.advance(49);
      expect(tries).toBe(before);
      await clock.advance(1);
      expect(tries).toBe(before + 1);
    }
    failing = false;
    await clock.advance(50);
    expect(await done(SLOW)).toMatchObject({ location: SLOW, attempts: 1 });
  });

  it('ends a source whose error would repeat, and only that one', async () => {
    const { dispatcher, readers, done } = dispatching(async (task, bytes) => {
      if (task.location === SLOW) throw new ArchiverError('DAQ_NO_IMAGE', { image: 'x' });
      return bytes;
    });
    dispatcher.add(FIRST_IMAGE, readers);
    await expect(done(SLOW)).rejects.toMatchObject({ code: 'DAQ_NO_IMAGE' });
    await Promise.all(LOCATIONS.filter((one) => one !== SLOW).map(done));
  });
});
