import { describe, expect, it } from 'vitest';
import { emulation } from '../daq/emulation.js';
import { FIRST_IMAGE, SECOND_IMAGE, SMALL_CAMERA, testImage } from '../daq/images.js';
import { archive } from '../support/archive.js';

const stored = [testImage(FIRST_IMAGE), testImage(SECOND_IMAGE)] as const;

describe('an archiver that is asked to end', () => {
  it('still hears of the images under way what the camera says, and ends with them, not with their deadlines', async () => {
    const { emulator } = await emulation({ stored, pace: 'realtime', exposureMs: 300, start: 'first-subscriber' });
    const { rows, problems } = await archive({
      address: emulator.address,
      camera: SMALL_CAMERA,
      count: 99,
      meanwhile: async (archiver, stop) => {
        while ((await archiver.ledger.view().images(1)).length === 0) await new Promise((done) => setTimeout(done, 5));
        stop(); // the first image is being read out: its end of readout and its telemetry are still to come
      },
    });
    expect(problems.map(String)).toEqual([]);
    expect(rows.map(({ obsid, state }) => [obsid, state])).toEqual([[FIRST_IMAGE, 'complete']]);
    expect(rows[0]?.files.every(({ snap }) => snap !== null)).toBe(true);
  }, 20_000);

  it('takes no more images than it was asked for', async () => {
    const { emulator } = await emulation({ stored, pace: 'max', start: 'first-subscriber' });
    const { rows } = await archive({ address: emulator.address, camera: SMALL_CAMERA, count: 1 });
    expect(rows.map(({ obsid }) => obsid)).toEqual([FIRST_IMAGE]);
  });
});
