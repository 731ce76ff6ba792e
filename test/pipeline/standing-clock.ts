import type { Camera } from '../../src/camera/types.js';
import type { Archiver } from '../../src/pipeline/archiver.js';
import { emulation } from '../daq/emulation.js';
import { FIRST_IMAGE, testImage } from '../daq/images.js';
import { archive } from '../support/archive.js';
import { ManualTimer } from '../support/manual-timer.js';
import { tempDir } from '../support/temp.js';

export interface Night {
  readonly camera: Camera;
  readonly locations: readonly string[];
  /** Called once all pixels are compressed and the readout has ended, at second 0 of the clock. */
  readonly afterwards: (clock: ManualTimer, headers: string, root: string, archiver: Archiver) => Promise<void>;
  /** The image was archived by an earlier run: no pixels are pulled. */
  readonly isArchived?: boolean;
  /** Hand files to the targets. */
  readonly stage?: boolean;
  /** Data root, and folder of the header packages; default new ones. */
  readonly root?: string;
  readonly headers?: string;
}

/** One paced exposure on two workers; the clock of the deadlines stands still until `afterwards` moves it. */
export async function expose({
  camera,
  locations,
  afterwards,
  stage = false,
  isArchived = false,
  root = tempDir(),
  headers = tempDir(),
}: Night) {
  const stored = [testImage(FIRST_IMAGE, camera, locations)] as const;
  const { emulator } = await emulation({ camera, stored, pace: 'realtime', start: 'first-subscriber' });
  const clock = new ManualTimer();
  return archive({
    address: emulator.address,
    camera,
    root,
    clock,
    stage,
    settings: { header: headers, threads: 2 },
    meanwhile: async (archiver) => {
      if (!isArchived) await Promise.all(locations.map((location) => pixelsOf(archiver, location)));
      await emulator.finished;
      await afterwards(clock, headers, root, archiver);
    },
  });
}

/** Resolves when every band of a source is compressed and its sum is right. */
async function pixelsOf({ assembler }: Archiver, location: string): Promise<void> {
  for (;;) {
    try {
      await assembler.source(FIRST_IMAGE, location);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20)); // not begun yet
    }
  }
}

/** Moves the clock on in steps, as time passes. */
export async function pass(clock: ManualTimer, seconds: number): Promise<void> {
  const end = clock.monotonicMs() + seconds * 1000;
  while (clock.monotonicMs() < end) {
    await clock.advance(100);
    await new Promise((resolve) => setTimeout(resolve, 1)); // the folder is really looked into
  }
}
