import { openDaq } from '../../src/compose.js';
import type { TrialSpec } from '../types.js';
import { Milestones } from './milestones.js';
import { PresenceQuestions } from './presence.js';
import { ARRIVALS, answerOf, filesOfImage, follow, headerFolder, openArchiver, startCamera } from './service.js';
import type { Work } from './work.js';

/** Seconds from one exposure to the next, besides what its header waits: no exposure finds the one before it still in work. */
const INTERVAL_SECONDS = 5;

/** The whole service and the DAQ emulator: when each file of each image reaches each stage. */
export async function latency(spec: TrialSpec): Promise<Work> {
  const count = spec.warmups + spec.iterations;
  const interval = INTERVAL_SECONDS + spec.headerDelayMs / 1000;
  const emulator = await startCamera(spec, { count, interval });
  const headers = headerFolder(spec);
  const milestones = new Milestones();
  const archiver = await openArchiver(spec, emulator.address, headers, milestones);
  const presence = await PresenceQuestions.start(archiver);
  const stop = new AbortController();
  const daq = await openDaq({ kind: 'network', address: emulator.address });
  const following = follow({ daq, headers, milestones, delayMs: spec.headerDelayMs }, stop.signal);
  const running = archiver.intake.run(stop.signal);
  const files = filesOfImage();
  let images = 0;
  let assemblerRssBytes = 0;
  let presenceP99Ms = 0;
  return {
    run: async () => {
      images++;
      await Promise.race([milestones.whole(images, files, Object.values(ARRIVALS)), running, following]);
      assemblerRssBytes = Math.max(assemblerRssBytes, (await archiver.assembler.statistics()).rssBytes);
      presenceP99Ms = await presence.p99();
      return { ms: milestones.last(images - 1, 'archived') };
    },
    result: () => ({ stages: milestones.since(spec.warmups), figures: { assemblerRssBytes, presenceP99Ms } }),
    close: async () => {
      await presence.close();
      stop.abort();
      await Promise.all([running, following]);
      await archiver.drained();
      await archiver.close();
      await daq.close();
      await emulator.stop();
    },
    answer: () => answerOf(spec),
  };
}
