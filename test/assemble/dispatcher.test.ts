import { describe, expect, it, onTestFinished } from 'vitest';
import { Dispatcher } from '../../src/assemble/dispatcher.js';
import type { BandTask } from '../../src/assemble/jobs.js';
import { SourceReader } from '../../src/assemble/source-reader.js';
import { sourceLayout } from '../../src/camera/geometry.js';
import { tagOfName } from '../../src/daq/capture/names.js';
import { systemClock, type Timer } from '../../src/model/clock.js';
import { ArchiverError, asArchiverError } from '../../src/model/errors.js';
import { loadNative } from '../../src/native/binding.js';
import { FIRST_IMAGE, LOCATIONS, SECOND_IMAGE, SMALL_CAMERA, testImage } from '../daq/images.js';
import { ManualTimer } from '../support/manual-timer.js';

const { description, packed } = testImage(FIRST_IMAGE);
const SLOW = '22/0';
const ROWS = 100;
const BAND_ROWS = 10;

type Read = (band: { readonly location: string; readonly firstRow: number }, bytes: Uint8Array) => Promise<Uint8Array>;

function imageReaders(obsid = FIRST_IMAGE): Map<string, SourceReader> {
  const readers = new Map(
    description.sources.map((source) => {
      const layout = sourceLayout(SMALL_CAMERA, source.location);
      const open = { layout, products: ['raw'], compression: 'rice' } as const;
      const options = { obsid, tag: tagOfName(obsid), source, bandRows: BAND_ROWS, open };
      return [source.location, new SourceReader(loadNative(), options)];
    }),
  );
  onTestFinished(() => {
    for (const reader of readers.values()) reader.release();
  });
  return readers;
}

/** A dispatcher over real native sources; `read` stands where the DAQ is and may be slow, fail or lie. All bytes have landed unless told otherwise. */
function dispatching(read: Read, { clock = systemClock as Timer, landed = Number.POSITIVE_INFINITY, share = 2 } = {}) {
  const native = loadNative();
  const tasks: BandTask[] = [];
  const dispatcher = new Dispatcher({
    limit: 4,
    threads: 2,
    share,
    clock,
    run: async (task) => {
      tasks.push(task);
      const sums: number[] = [];
      try {
        for (const { offset, length, firstRow, rowCount } of task.bands) {
          const whole = packed.get(task.location) ?? Buffer.alloc(0);
          const bytes = await read({ ...task, firstRow }, whole.subarray(offset, offset + length));
          sums.push(native.band(task.handle, { first: firstRow, count: rowCount }, bytes));
        }
        return { sums };
      } catch (error) {
        return { sums, error: asArchiverError(error).toData() };
      }
    },
  });
  const readers = imageReaders();
  const land = (location: string, bands = Number.POSITIVE_INFINITY) => {
    const reader = readers.get(location) ?? expect.fail('no reader');
    const bytes = Math.min(reader.expectedBytes, (bands * BAND_ROWS * reader.expectedBytes) / ROWS);
    reader.progress(bytes, bytes === reader.expectedBytes);
    dispatcher.pump();
  };
  for (const location of LOCATIONS) land(location, landed);
  const done = (location: string) => readers.get(location)?.done ?? expect.fail('no reader');
  const rowsOf = (location: string) =>
    tasks.filter((task) => task.location === location).map(({ bands }) => bands.map(({ firstRow }) => firstRow));
  return { dispatcher, readers, done, land, tasks, rowsOf };
}

const never = new Promise<never>(() => undefined);
const [FIRST = '', SECOND = '', THIRD = ''] = LOCATIONS;

describe('the dispatcher', () => {
  it('does not let a source that never answers hold up the others', async () => {
    const { dispatcher, readers, done } = dispatching(({ location }, bytes) =>
      location === SLOW ? never : Promise.resolve(bytes),
    );
    dispatcher.add(FIRST_IMAGE, readers);
    for (const location of LOCATIONS.filter((one) => one !== SLOW)) {
      expect(await done(location)).toMatchObject({ location, bytes: 691_200 });
    }
  });

  it('does not let it take the room of the others either while they have nothing yet', async () => {
    const { dispatcher, readers, done, land, tasks } = dispatching(
      ({ location }, bytes) => (location === SLOW ? never : Promise.resolve(bytes)),
      { landed: 0 },
    );
    dispatcher.add(FIRST_IMAGE, readers);
    for (let bands = 1; bands <= 10; bands++) land(SLOW, bands);
    expect(tasks.map(({ location }) => location)).toEqual([SLOW, SLOW]);
    for (const location of LOCATIONS.filter((one) => one !== SLOW)) {
      land(location);
      await done(location);
    }
  });

  it('completes the most advanced source first, so that its files can be written while others compute', async () => {
    const { dispatcher, readers, done, land, tasks } = dispatching(async (_, bytes) => bytes, { landed: 0 });
    dispatcher.add(FIRST_IMAGE, readers);
    land(THIRD, 8);
    await expect.poll(() => readers.get(THIRD)?.progressed).toBe(8);
    for (const location of LOCATIONS) land(location);
    await Promise.all(LOCATIONS.map(done));
    const order = tasks.map(({ location }) => location);
    expect(order.lastIndexOf(THIRD)).toBeLessThan(order.lastIndexOf(FIRST));
    expect(order.lastIndexOf(FIRST)).toBeLessThan(order.lastIndexOf(SECOND));
  });

  it('advances the sources of a younger image together, so that they can still give their room to the older one', async () => {
    const { dispatcher, readers, tasks } = dispatching(async (_, bytes) => bytes, { landed: 0 });
    dispatcher.add(FIRST_IMAGE, readers);
    const younger = imageReaders(SECOND_IMAGE);
    for (const reader of younger.values()) reader.progress(reader.expectedBytes, true);
    dispatcher.add(SECOND_IMAGE, younger);
    await Promise.all([...younger.values()].map(({ done }) => done));
    const order = tasks.map(({ location }) => location);
    expect(order.indexOf(THIRD)).toBeLessThan(order.lastIndexOf(FIRST));
  });

  it('gives all of the pool to a source that is the only one left, and its share to one among others', () => {
    const { dispatcher, readers, tasks } = dispatching(() => never);
    dispatcher.add(FIRST_IMAGE, readers);
    expect(tasks.map(({ location }) => location)).toEqual([FIRST, FIRST, SECOND, SECOND]);
    const alone = dispatching(() => never);
    for (const location of [SECOND, THIRD]) alone.readers.get(location)?.fail(new ArchiverError('SOURCE_EMPTY'));
    alone.dispatcher.add(FIRST_IMAGE, alone.readers);
    expect(alone.tasks.map(({ location }) => location)).toEqual([FIRST, FIRST, FIRST, FIRST]);
  });

  it('gives all of the pool to the first source where sources answer at once, so that its files need not wait for the others', () => {
    const { dispatcher, readers, tasks } = dispatching(() => never, { share: 4 });
    dispatcher.add(FIRST_IMAGE, readers);
    expect(tasks.map(({ location }) => location)).toEqual([FIRST, FIRST, FIRST, FIRST]);
  });

  it('pulls many bands by one task while much has landed, and single ones at the end', async () => {
    const { dispatcher, readers, done, rowsOf } = dispatching(async (_, bytes) => bytes);
    dispatcher.add(FIRST_IMAGE, readers);
    await Promise.all(LOCATIONS.map(done));
    expect(rowsOf(FIRST)).toEqual([[0, 10, 20, 30, 40], [50, 60, 70], [80], [90]]);
  });

  it('keeps what a task has compressed before a band of it failed, and tries only the others again', async () => {
    const clock = new ManualTimer();
    let failing = true;
    const { dispatcher, readers, done, rowsOf } = dispatching(
      async ({ location, firstRow }, bytes) => {
        if (!failing || location !== FIRST || firstRow !== 10) return bytes;
        throw new ArchiverError('DAQ_TIMEOUT', { what: 'a test', seconds: 1 });
      },
      { clock },
    );
    dispatcher.add(FIRST_IMAGE, readers);
    await Promise.all([SECOND, THIRD].map(done));
    failing = false;
    await clock.advance(50);
    expect(await done(FIRST)).toMatchObject({ attempts: 1 });
    const [one, other, ...later] = rowsOf(FIRST);
    expect([one, other]).toEqual([
      [0, 10, 20, 30, 40],
      [50, 60, 70],
    ]);
    expect(later.flat()).toEqual([10, 20, 30, 40, 80, 90]);
  });

  it('tries a failing source one band at a time, each after a rest, until one succeeds', async () => {
    const clock = new ManualTimer();
    let tries = 0;
    let failing = true;
    const { dispatcher, readers, done } = dispatching(
      async ({ location }, bytes) => {
        if (location !== SLOW || !failing) return bytes;
        tries++;
        throw new ArchiverError('DAQ_TIMEOUT', { what: 'a test', seconds: 1 });
      },
      { clock },
    );
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
    const { dispatcher, readers, done } = dispatching(async ({ location }, bytes) => {
      if (location === SLOW) throw new ArchiverError('DAQ_NO_IMAGE', { image: 'x' });
      return bytes;
    });
    dispatcher.add(FIRST_IMAGE, readers);
    await expect(done(SLOW)).rejects.toMatchObject({ code: 'DAQ_NO_IMAGE' });
    await Promise.all(LOCATIONS.filter((one) => one !== SLOW).map(done));
  });
});
