import { describe, expect, it, onTestFinished } from 'vitest';
import { BandPuller } from '../../src/assemble/band-puller.js';
import { planBands } from '../../src/assemble/plan.js';
import { sourceLayout } from '../../src/camera/geometry.js';
import { MemoryDaqSource } from '../../src/daq/memory.js';
import type { DaqSource } from '../../src/daq/port.js';
import { ArchiverError } from '../../src/model/errors.js';
import { loadNative } from '../../src/native/binding.js';
import type { NativeCore } from '../../src/native/contract.js';
import { FIRST_IMAGE, SMALL_CAMERA, testImage } from '../daq/images.js';

const { description, packed } = testImage(FIRST_IMAGE);
const { tag } = description.image;
const layout = sourceLayout(SMALL_CAMERA, '22/0');
const bands = planBands(layout.rows, layout.columns * layout.groups * 36, 25);
const native = loadNative();

function stored(): MemoryDaqSource {
  const daq = new MemoryDaqSource();
  daq.add(description, packed);
  return daq;
}

function task(location = '22/0') {
  const handle = native.open({ layout, products: ['raw'], compression: 'rice' });
  onTestFinished(() => native.drop(handle));
  return { handle, tag, location, bands };
}

describe('a thread that pulls bands', () => {
  it('answers a task before it computes the next one, so that nobody waits for both', async () => {
    const order: string[] = [];
    const [first, second] = [task(), task()];
    const nameOf = (handle: number) => (handle === first.handle ? 'first' : 'second');
    const band: NativeCore['band'] = (handle, rows, bytes) => {
      order.push(`${nameOf(handle)} computes`);
      return native.band(handle, rows, bytes);
    };
    const puller = new BandPuller({ ...native, band }, async () => stored());
    const answer = (one: typeof first) => puller.pull(one).then(() => order.push(`${nameOf(one.handle)} is answered`));
    await Promise.all([answer(first), answer(second)]);
    const all = (name: string) => [...bands.map(() => `${name} computes`), `${name} is answered`];
    expect(order).toEqual([...all('first'), ...all('second')]);
  });

  it('gives the sums of the bands before the one that failed, and why it did', async () => {
    const memory = stored();
    const fails = bands[2]?.offset;
    const read: DaqSource['read'] = async (range, into) => {
      if (range.offset === fails) throw new ArchiverError('DAQ_TIMEOUT', { what: 'a test', seconds: 1 });
      await memory.read(range, into);
    };
    const whole = await new BandPuller(native, async () => memory).pull(task());
    const { sums, error } = await new BandPuller(native, async () => ({ read }) as DaqSource).pull(task());
    expect(whole.error).toBeUndefined();
    expect(sums).toEqual(whole.sums.slice(0, 2));
    expect(error).toMatchObject({ code: 'DAQ_TIMEOUT' });
  });

  it('tries to reach the DAQ again for the next task when it could not', async () => {
    const answers = [Promise.reject(new ArchiverError('DAQ_UNREACHABLE', { address: 'x' })), Promise.resolve(stored())];
    let tries = 0;
    const puller = new BandPuller(native, () => answers[tries++] ?? expect.fail('it had a connection'));
    expect(await puller.pull(task())).toMatchObject({ sums: [], error: { code: 'DAQ_UNREACHABLE' } });
    expect((await puller.pull(task())).sums).toHaveLength(bands.length);
    expect((await puller.pull(task())).sums).toHaveLength(bands.length);
  });
});
