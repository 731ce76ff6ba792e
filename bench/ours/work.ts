import { readFileSync } from 'node:fs';
import { sourceLayout } from '../../src/camera/geometry.js';
import { loadCamera } from '../../src/camera/load.js';
import { loadNative } from '../../src/native/binding.js';
import type { NativeCore } from '../../src/native/contract.js';
import type { SourceLayout } from '../../src/native/layout.js';
import { paths, storedImage } from '../inputs.js';
import type { TrialResult, TrialSpec } from '../types.js';

/** What one iteration gave. */
export interface Sample {
  readonly ms: number;
  readonly figures?: Readonly<Record<string, number>>;
}

/** What a trial of ours does. */
export interface Work {
  /** One iteration. @returns its sample where not all of the call counts; else the call is timed from outside. */
  run(): Sample | undefined | Promise<Sample | undefined>;
  /** What is known when all iterations are over. */
  result?(): Partial<TrialResult>;
  close?(): Promise<void>;
  /** After all else: makes the trial's folder hold the answer of the last iteration, as its contenders do. */
  answer?(): void | Promise<void>;
}

/** The one CCD of scene `ccd`: its layout and its packed words in memory. */
export interface CcdInput {
  readonly native: NativeCore;
  readonly layout: SourceLayout;
  readonly packed: Uint8Array;
}

export async function ccdInput(spec: TrialSpec): Promise<CcdInput> {
  const camera = loadCamera(paths.camera(spec.inputs, 'ccd', spec.variant));
  const { description, streams } = await storedImage(spec.inputs, 'ccd');
  const [source] = description.sources;
  const stream = streams.get(source?.location ?? '');
  if (source === undefined || stream === undefined) throw new Error('the stored exposure has no source');
  const layout = sourceLayout(camera, source.location, { corrected: true });
  return { native: loadNative(), layout, packed: readFileSync(stream.path) };
}

/** Largest resident set of this process alone, all its threads; getrusage would begin with that of the parent. */
export function peakRssBytes(): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
