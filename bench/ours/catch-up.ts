import { openDaq } from '../../src/compose.js';
import type { TrialSpec } from '../types.js';
import { Milestones, now } from './milestones.js';
import { answerOf, filesOfImage, follow, headerFolder, openArchiver, startCamera } from './service.js';
import type { Sample, Work } from './work.js';

const INTERVAL_SECONDS = 3;
/** Images that the camera takes before the archiver starts, and at most so many after it. */
const MISSED = 20;
const LIVE = 20;

/**
 * An archiver that starts late: what the DAQ holds is caught up with while the camera goes on. The time is from its start to the last file of the
 * last missed image; timesLive tells how much faster than the camera takes images they were archived, liveMs how long the images that came meanwhile
 * took from the end of their readout.
 */
export async function catchUp(spec: TrialSpec): Promise<Work> {
  const missed = spec.iterations === 0 ? 1 : MISSED;
  const emulator = await startCamera(spec, { count: missed + LIVE, interval: INTERVAL_SECONDS });
  const headers = headerFolder(spec);
  const milestones = new Milestones();
  const [stop, stopFollowing] = [new AbortController(), new AbortController()];
  const daq = await openDaq({ kind: 'network', address: emulator.address });
  const following = follow({ daq, headers, milestones, delayMs: 0 }, stopFollowing.signal);
  await Promise.race([milestones.endings(missed), following]);
  const backlog = new Set(milestones.endedImages());
  const archiver = await openArchiver(spec, emulator.address, headers, milestones);
  let running: Promise<void> = Promise.resolve();
  return {
    run: async (): Promise<Sample> => {
      const start = now();
      running = archiver.intake.run(stop.signal);
      await Promise.race([milestones.whole(backlog, filesOfImage(), ['archived']), running, following]);
      const ms = now() - start;
      const live = milestones.lasting('archived', filesOfImage()).filter(({ obsid }) => !backlog.has(obsid));
      const liveMs = Math.max(0, ...live.map(({ ms }) => ms));
      const timesLive = (backlog.size / ms) * 1000 * INTERVAL_SECONDS;
      return { ms, figures: { timesLive, liveImages: live.length, liveMs } };
    },
    close: async () => {
      stop.abort();
      await running; // what is under way still gets its header packages
      stopFollowing.abort();
      await following;
      await archiver.close();
      await daq.close();
      await emulator.stop();
    },
    answer: () => answerOf(spec),
  };
}
