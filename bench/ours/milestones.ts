import { type Tai, taiFromUtcMs } from '../../src/model/time.js';

/** When each stage of each file was reached, per image, in milliseconds of TAI. */
export class Milestones {
  private readonly ended = new Map<string, number>();
  private readonly reached = new Map<string, Map<string, number[]>>();
  private readonly waiting: { readonly isDone: () => boolean; readonly resolve: () => void }[] = [];

  /** The end of an image's readout. */
  end(obsid: string, at: number): void {
    this.ended.set(obsid, at);
    this.wake();
  }

  /** Images whose readout has ended, in order. */
  endedImages(): string[] {
    return [...this.ended.keys()];
  }

  /** Resolves when the readouts of so many images have ended. */
  endings(images: number): Promise<void> {
    return this.until(() => this.ended.size >= images);
  }

  reach(obsid: string, stage: string, at = now()): void {
    const stages = this.reached.get(obsid) ?? new Map<string, number[]>();
    this.reached.set(obsid, stages);
    stages.set(stage, [...(stages.get(stage) ?? []), at]);
    this.wake();
  }

  /** Resolves when `images` images, or those of a set, have reached each of the stages `files` times. */
  whole(images: number | ReadonlySet<string>, files: number, stages: readonly string[]): Promise<void> {
    const isWhole = (obsid: string) =>
      stages.every((stage) => (this.reached.get(obsid)?.get(stage)?.length ?? 0) >= files);
    if (typeof images !== 'number') return this.until(() => [...images].every(isWhole));
    return this.until(() => [...this.reached.keys()].filter(isWhole).length >= images);
  }

  /** Milliseconds after the end of readout, by stage, without the first `skipped` images. */
  since(skipped: number): Record<string, number[]> {
    const result: Record<string, number[]> = {};
    for (const [obsid, stages] of [...this.reached].slice(skipped)) {
      const end = this.ended.get(obsid);
      if (end === undefined) throw new Error(`nobody said when the readout of ${obsid} ended`);
      for (const [stage, times] of stages) {
        result[stage] = [...(result[stage] ?? []), ...times.map((time) => time - end)];
      }
    }
    return result;
  }

  /** Images that have reached the stage `files` times, and the milliseconds from the end of their readout to the last of these. */
  lasting(stage: string, files: number): { readonly obsid: string; readonly ms: number }[] {
    return [...this.reached].flatMap(([obsid, stages]) => {
      const times = stages.get(stage) ?? [];
      const end = this.ended.get(obsid);
      return times.length < files || end === undefined ? [] : [{ obsid, ms: Math.max(...times) - end }];
    });
  }

  /** Milliseconds from the end of an image's readout to its last file at this stage. */
  last(index: number, stage: string): number {
    const [obsid, stages] = [...this.reached][index] ?? [];
    const end = this.ended.get(obsid ?? '') ?? Number.NaN;
    return Math.max(...(stages?.get(stage) ?? [])) - end;
  }

  private until(isDone: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      if (isDone()) resolve();
      else this.waiting.push({ isDone, resolve });
    });
  }

  private wake(): void {
    for (const one of [...this.waiting]) {
      if (!one.isDone()) continue;
      this.waiting.splice(this.waiting.indexOf(one), 1);
      one.resolve();
    }
  }
}

/** Milliseconds of TAI, with a fraction: the scale that the camera's events are on. */
export function now(): number {
  return taiMs(taiFromUtcMs(performance.timeOrigin + performance.now()));
}

/** @throws when the event has no valid time */
export function taiMs(time: Tai | null): number {
  if (time === null) throw new Error('a camera event has no valid time');
  return Number(time) / 1e6;
}
