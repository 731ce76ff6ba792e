import { describe, expect, it } from 'vitest';
import { frameSeconds } from '../../src/camera/geometry.js';
import { loadCamera } from '../../src/camera/load.js';
import { FaultScript, SourceFaults } from '../../src/daq/emulator/faults.js';
import { landAll } from '../../src/daq/emulator/landing.js';
import { LiveImage, type LiveSource } from '../../src/daq/emulator/live-image.js';
import type { DaqNotice } from '../../src/daq/port.js';
import { PAGE_BYTES } from '../../src/daq/wire/frame.js';
import { ManualTimer } from '../support/manual-timer.js';
import { FIRST_IMAGE, testImage } from './images.js';

const ITL = loadCamera('comcam').sensorTypes['ITL-3800C'] ?? expect.fail();
const REB_BYTES = 127_401_984;

function source(location: string, faults = FaultScript.none.of(FIRST_IMAGE, location)): LiveSource {
  return {
    location,
    path: '',
    expectedBytes: REB_BYTES,
    total: REB_BYTES,
    crc32: 1,
    announcesEnd: true,
    faults,
    landed: 0,
    done: false,
  };
}

/** Lets sources of full size land on a clock that the test moves in steps; every notice with the time of its coming. */
async function land(sources: LiveSource[], frameMs: (location: string) => number, stepMs: number) {
  const clock = new ManualTimer();
  const seen: { at: number; notice: Extract<DaqNotice, { type: 'landed' }> }[] = [];
  const image = new LiveImage(testImage(FIRST_IMAGE).description, sources, (_image, notice) => {
    if (notice.type === 'landed') seen.push({ at: clock.monotonicMs(), notice });
  });
  let over = false;
  const landing = landAll(image, { pace: 'realtime', frameMs, clock, signal: new AbortController().signal });
  void landing.then(() => {
    over = true;
  });
  while (!over) await clock.advance(stepMs);
  return seen;
}

describe('pace realtime', () => {
  it('takes 2.395 s for a frame of ComCam', () => {
    expect(frameSeconds(ITL)).toBeCloseTo(2.395, 2);
  });

  it('lands every page when the readout has reached it, and all at its end', async () => {
    const seen = await land([source('22/0')], () => 2395, 1);
    for (const { at, notice } of seen) {
      const reached = (at / 2395) * REB_BYTES;
      expect(notice.bytes).toBeLessThanOrEqual(reached + 1);
      expect(notice.bytes).toBeGreaterThan(reached - PAGE_BYTES - REB_BYTES / 2395);
      expect(notice.done || notice.bytes % PAGE_BYTES === 0).toBe(true);
    }
    expect(seen).toHaveLength(Math.ceil(REB_BYTES / PAGE_BYTES));
    expect(seen.at(-1)).toMatchObject({ at: 2395, notice: { bytes: REB_BYTES, done: true, crc32: 1 } });
  });

  it('keeps the rate when timers come late', async () => {
    const seen = await land([source('22/0')], () => 2395, 100);
    for (const { at, notice } of seen.slice(0, -1)) {
      expect(notice.bytes).toBeGreaterThan((at / 2395) * REB_BYTES - PAGE_BYTES - 1);
    }
    expect(seen.at(-1)?.at).toBe(2400);
  });

  it('lets each source follow its own sensors', async () => {
    const seen = await land([source('22/0'), source('22/1')], (location) => (location === '22/0' ? 2303 : 2395), 1);
    const ends = seen.filter(({ notice }) => notice.done).map(({ at, notice }) => [notice.location, at]);
    expect(ends).toEqual([
      ['22/0', 2303],
      ['22/1', 2395],
    ]);
  });

  it('catches up at once after a stall, because the readout went on', async () => {
    const stall = new SourceFaults([{ kind: 'stall', at: 1_000_000, ms: 3000, times: 1 }]);
    const seen = await land([source('22/0', stall)], () => 2395, 1);
    const [before, after] = seen.slice(-2);
    expect(before?.notice).toMatchObject({ bytes: 1_000_000, done: false });
    expect(after?.notice).toMatchObject({ bytes: REB_BYTES, done: true });
    expect((after?.at ?? 0) - (before?.at ?? 0)).toBe(3000);
  });
});
