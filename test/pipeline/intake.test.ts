import { describe, expect, it } from 'vitest';
import { MemoryDaqSource } from '../../src/daq/memory.js';
import type { DaqNotice, DaqSource } from '../../src/daq/port.js';
import { systemClock } from '../../src/model/clock.js';
import { ArchiverError } from '../../src/model/errors.js';
import { Intake } from '../../src/pipeline/intake.js';
import type { ArchiveServices } from '../../src/pipeline/services.js';
import { SMALL_CAMERA, testImage } from '../daq/images.js';
import { codes } from '../support/archive.js';

/** An image that is refused by its name: it goes through the intake and needs nothing else of the archiver. */
function nameless(index: number) {
  const { description, packed } = testImage('CC_S_20261121_000001');
  const image = { ...description.image, name: `image ${index}`, tag: index.toString(16) };
  return { description: { ...description, image }, packed };
}

function intakeOf(daq: DaqSource) {
  const taken: string[] = [];
  const problems: ArchiverError[] = [];
  let onTaken: (count: number) => void = () => undefined;
  const services = {
    daq,
    clock: systemClock,
    storage: { reason: undefined, free: Promise.resolve(), check: async () => undefined },
    ledger: { view: () => ({ openImages: async () => [] }) },
    camera: SMALL_CAMERA,
    settings: { expect: 'image', products: ['raw'], live: true, deadlines: { source: 1, header: 1, image: 1 } },
    report: { problem: (error: ArchiverError) => problems.push(error), written: () => undefined },
  } as unknown as ArchiveServices;
  const intake = new Intake(services, {
    folder: 'raw',
    imagesInFlight: 1,
    onResult: ({ image }) => {
      taken.push(image.name);
      onTaken(taken.length);
    },
  });
  return { intake, taken, problems, onTaken: (listener: typeof onTaken) => (onTaken = listener) };
}

describe('the intake', () => {
  it('takes every image once: those that were there, those that came while it began to listen, and later ones', async () => {
    const memory = new MemoryDaqSource();
    const add = (index: number) => memory.add(nameless(index).description, nameless(index).packed);
    add(1);
    const daq: DaqSource = Object.create(memory, {
      watch: {
        value: async function* (options: Parameters<DaqSource['watch']>[0]): AsyncGenerator<DaqNotice> {
          add(2); // after the first list, before anybody listens
          for await (const notice of memory.watch(options)) {
            yield notice;
            if (notice.type === 'connection') add(3);
            if (notice.type === 'image') yield notice; // told twice
          }
        },
      },
    });
    const { intake, taken, onTaken } = intakeOf(daq);
    const stop = new AbortController();
    onTaken((count) => count === 3 && setTimeout(() => stop.abort(), 50));
    await intake.run(stop.signal);
    expect(taken.sort()).toEqual(['image 1', 'image 2', 'image 3']);
  });

  it('ends with the error of a watch that cannot be healed, after the image that is under way', async () => {
    const memory = new MemoryDaqSource();
    memory.add(nameless(1).description, nameless(1).packed);
    const daq: DaqSource = Object.create(memory, {
      watch: {
        value: async function* (): AsyncGenerator<DaqNotice> {
          yield { type: 'connection', state: 'open' };
          throw new ArchiverError('DAQ_PROTOCOL', { problem: 'a test' });
        },
      },
    });
    const { intake, taken } = intakeOf(daq);
    await expect(intake.run(new AbortController().signal)).rejects.toMatchObject({ code: 'DAQ_PROTOCOL' });
    expect(taken).toEqual(['image 1']);
  });

  it('ends at once when there is no DAQ', async () => {
    const daq: DaqSource = Object.create(new MemoryDaqSource(), {
      list: { value: () => Promise.reject(new ArchiverError('DAQ_UNREACHABLE', { address: 'x', reason: 'a test' })) },
    });
    await expect(intakeOf(daq).intake.run(new AbortController().signal)).rejects.toMatchObject({
      code: 'DAQ_UNREACHABLE',
    });
  });

  it('leaves in the DAQ what waits when it is told to stop', async () => {
    const memory = new MemoryDaqSource();
    for (let index = 1; index <= 9; index++) memory.add(nameless(index).description, nameless(index).packed);
    const { intake, taken, onTaken } = intakeOf(memory);
    const stop = new AbortController();
    onTaken((count) => count === 2 && stop.abort());
    await intake.run(stop.signal);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(taken.length).toBeLessThan(9);
  });

  it('tells a lost connection, and asks again for what it may have missed when it is back', async () => {
    const memory = new MemoryDaqSource();
    const error = new ArchiverError('DAQ_DISCONNECTED', { address: 'x', reason: 'a test' });
    const daq: DaqSource = Object.create(memory, {
      watch: {
        value: async function* ({ signal }: { signal: AbortSignal }): AsyncGenerator<DaqNotice> {
          yield { type: 'connection', state: 'open' };
          yield { type: 'connection', state: 'lost', error };
          memory.add(nameless(1).description, nameless(1).packed); // nobody is told
          yield { type: 'connection', state: 'open' };
          if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
        },
      },
    });
    const { intake, taken, problems, onTaken } = intakeOf(daq);
    const stop = new AbortController();
    onTaken(() => stop.abort());
    await intake.run(stop.signal);
    expect(taken).toEqual(['image 1']);
    expect(codes(problems)).toEqual(['DAQ_DISCONNECTED']);
  });
});
