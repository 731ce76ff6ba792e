import type { Timer } from '../../model/clock.js';
import { PAGE_BYTES } from '../wire/frame.js';
import type { LiveImage, LiveSource } from './live-image.js';

/** realtime: bytes land at the rate of the sensors' readout. max: all at once. */
export type Pace = 'realtime' | 'max';

export interface Landing {
  readonly pace: Pace;
  /** Duration of a location's readout, in milliseconds. */
  readonly frameMs: (location: string) => number;
  readonly clock: Timer;
  readonly signal: AbortSignal;
}

/** Lets all sources of an image land at the same time. Rejects when the signal aborts. */
export async function landAll(image: LiveImage, landing: Landing): Promise<void> {
  const start = landing.clock.monotonicMs();
  await Promise.all(
    [...image.sources.values()].map((source) =>
      landing.pace === 'max' ? landAtOnce(image, source, landing) : landPaced(image, source, landing, start),
    ),
  );
}

async function landAtOnce(image: LiveImage, source: LiveSource, landing: Landing): Promise<void> {
  await stallAt(image, source, source.total, landing);
  image.advance(source, source.total);
}

/** Bytes land in whole pages at the rate of the readout, the last ones when it ends. What a late timer missed lands together. */
async function landPaced(image: LiveImage, source: LiveSource, landing: Landing, start: number): Promise<void> {
  const bytesPerMs = source.expectedBytes / landing.frameMs(source.location);
  do {
    const next = Math.min(nextPage(source.landed), source.total);
    await sleepUntil(start + next / bytesPerMs, landing);
    if (await stallAt(image, source, next, landing)) continue;
    const arrived = (landing.clock.monotonicMs() - start) * bytesPerMs;
    const pages = Math.floor(arrived / PAGE_BYTES) * PAGE_BYTES;
    image.advance(source, Math.max(next, Math.min(pages, source.total)));
  } while (source.landed < source.total);
}

function nextPage(landed: number): number {
  return (Math.floor(landed / PAGE_BYTES) + 1) * PAGE_BYTES;
}

/** The stall of the fault script, when `bytes` is beyond it. @returns whether it happened */
async function stallAt(image: LiveImage, source: LiveSource, bytes: number, landing: Landing): Promise<boolean> {
  const stall = source.faults.use('stall', ({ at }) => bytes > at);
  if (stall === undefined) return false;
  image.advance(source, stall.at);
  await landing.clock.delay(stall.ms, landing.signal);
  return true;
}

async function sleepUntil(due: number, { clock, signal }: Landing): Promise<void> {
  for (let rest = due - clock.monotonicMs(); rest > 0; rest = due - clock.monotonicMs()) {
    await clock.delay(Math.ceil(rest), signal);
  }
}
