import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { FaultScript } from '../../src/daq/emulator/faults.js';
import type { DaqNotice } from '../../src/daq/port.js';
import { loadNative } from '../../src/native/binding.js';
import { collect } from '../conformance/daq-source.js';
import { emulation, imageTag } from './emulation.js';
import { FIRST_IMAGE } from './images.js';

const AT = { image: FIRST_IMAGE, location: '22/1' };

function landed(notices: readonly DaqNotice[], location = '22/1') {
  return notices.flatMap((notice) => (notice.type === 'landed' && notice.location === location ? [notice] : []));
}

async function reading(script: readonly object[], network = {}) {
  const { daq, image, emulator } = await emulation({ script, network });
  await emulator.finished;
  const bytes = image.packed.get('22/1') as Buffer;
  const tag = await imageTag(daq);
  const read = async (location = '22/1') => {
    const into = new Uint8Array(bytes.length);
    await daq.read({ tag, location, offset: 0, length: bytes.length }, into);
    return Buffer.from(into);
  };
  return { daq, tag, bytes, read };
}

describe('the fault script', () => {
  it('missing: the REB took no part, the others did', async () => {
    const { daq, tag, read } = await reading([{ ...AT, kind: 'missing' }]);
    const { image, sources } = await daq.describe(tag);
    expect(image.locations).toEqual(['22/0', '22/2']);
    expect(sources.map(({ location }) => location)).toEqual(['22/0', '22/2']);
    await expect(read()).rejects.toMatchObject({ code: 'DAQ_NO_SOURCE' });
    await expect(read('22/0')).resolves.toHaveLength(691_200);
  });

  it('empty: the source ends without a byte', async () => {
    const { daq, tag } = await reading([{ ...AT, kind: 'empty' }]);
    const notices = await collect(daq.watch({ tag, signal: AbortSignal.timeout(5000) }));
    expect(landed(notices)).toEqual([{ type: 'landed', tag, location: '22/1', bytes: 0, done: true, crc32: 0 }]);
  });

  it('truncate: the source never becomes whole, and what is missing cannot be read', async () => {
    const { daq, tag, read } = await reading([{ ...AT, kind: 'truncate', at: 300_001 }]);
    const notices = await collect(daq.watch({ tag, signal: AbortSignal.timeout(300) }));
    expect(landed(notices)).toEqual([{ type: 'landed', tag, location: '22/1', bytes: 300_001, done: false }]);
    await expect(read()).rejects.toMatchObject({ code: 'DAQ_NO_DATA' });
  });

  it('truncate with done: the stream says that it ended early, with the sum of what there is', async () => {
    const { daq, tag, bytes } = await reading([{ ...AT, kind: 'truncate', at: 300_001, done: true }]);
    const notices = await collect(daq.watch({ tag, signal: AbortSignal.timeout(5000) }));
    const sum = crc32(bytes.subarray(0, 300_001));
    expect(landed(notices)).toEqual([
      { type: 'landed', tag, location: '22/1', bytes: 300_001, done: true, crc32: sum },
    ]);
  });

  it.each([
    ['zlib', undefined],
    ['the addon', loadNative().crc32],
  ])("corrupt: the frame's sum by %s shows it, and the next read is right", async (_, sum) => {
    const { read, bytes } = await reading([{ ...AT, kind: 'corrupt', at: 500_000 }], { crc32: sum });
    await expect(read()).rejects.toMatchObject({ code: 'DAQ_DISCONNECTED', retryable: true });
    expect((await read()).equals(bytes)).toBe(true);
  });

  it('corrupt in the store: only the sum of the whole source shows it', async () => {
    const { daq, tag, read, bytes } = await reading([{ ...AT, kind: 'corrupt', at: 500_000, stored: true }]);
    const got = await read();
    expect(got.findIndex((byte, i) => byte !== bytes[i])).toBe(500_000);
    const notices = await collect(daq.watch({ tag, signal: AbortSignal.timeout(5000) }));
    expect(landed(notices)[0]?.crc32).not.toBe(crc32(got));
  });

  it('disconnect: the reads under way fail, can be repeated, and then succeed', async () => {
    const { read, bytes } = await reading([{ ...AT, kind: 'disconnect', at: 400_000, times: 2 }]);
    await expect(read()).rejects.toMatchObject({ code: 'DAQ_DISCONNECTED', retryable: true });
    await expect(read()).rejects.toMatchObject({ code: 'DAQ_DISCONNECTED' });
    expect((await read()).equals(bytes)).toBe(true);
  });

  it('delay: a read without an answer times out, and its late bytes touch no buffer', async () => {
    const { daq, tag } = await reading([{ ...AT, kind: 'delay', ms: 150 }], { requestTimeoutMs: 50 });
    const into = new Uint8Array(4096);
    await expect(daq.read({ tag, location: '22/1', offset: 0, length: 4096 }, into)).rejects.toMatchObject({
      code: 'DAQ_TIMEOUT',
      retryable: true,
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(into.every((byte) => byte === 0)).toBe(true);
  });

  it('stall: landing pauses at that byte and then goes on to the end', async () => {
    const { daq } = await emulation({ script: [{ ...AT, kind: 'stall', at: 100_000, ms: 200 }] });
    const tag = await imageTag(daq);
    const seen: number[] = [];
    let stalledMs = 0;
    const start = performance.now();
    for await (const notice of daq.watch({ tag, signal: AbortSignal.timeout(5000) })) {
      if (notice.type === 'landed' && notice.location === '22/1') seen.push(notice.bytes);
      if (notice.type === 'landed' && notice.location === '22/1' && notice.done) stalledMs = performance.now() - start;
    }
    expect(seen).toEqual([100_000, 691_200]);
    expect(stalledMs).toBeGreaterThan(100);
  });

  it.each(['duplicate', 'reorder'] as const)('%s: the bytes of a watch still only grow', async (kind) => {
    const { daq, image } = await emulation({
      script: [{ kind }],
      pace: 'realtime',
      exposureMs: 50,
      start: 'first-subscriber',
    });
    const stop = new AbortController();
    const bytes: number[] = [];
    for await (const notice of daq.watch({ signal: stop.signal })) {
      if (notice.type === 'landed' && notice.location === '22/1') bytes.push(notice.bytes);
      if (notice.type === 'event' && notice.event.type === 'endReadout') stop.abort();
    }
    expect(bytes.at(-1)).toBe(image.packed.get('22/1')?.length);
    expect(bytes).toEqual([...new Set(bytes)].sort((a, b) => a - b));
  });

  it.each([
    [{ faults: [{ kind: 'explode' }] }, /kind/],
    [{ faults: [{ kind: 'truncate', at: -1 }] }, /at/],
    [{ faults: [{ kind: 'stall', at: 1, ms: 1, extra: true }] }, /extra/],
    [{}, /faults/],
  ])('refuses a script that it does not understand: %j', (script, problem) => {
    expect(() => FaultScript.parse(script, 'faults.json')).toThrow(problem);
  });
});
