import { createHash } from 'node:crypto';
import { rebByLocation, rebSensorType, sourceLayout } from '../../../camera/geometry.js';
import type { Camera, Ccd } from '../../../camera/types.js';
import type { SourceLayout } from '../../../native/layout.js';
import type { SynthAmplifier, SynthScene } from '../../../native/tools.js';

/** What the exposures of a run have in common. */
export interface Sky {
  readonly seed: number;
  /** Electrons per pixel. */
  readonly sky: number;
  readonly starsPerSegment: number;
}

/** Bias levels lie this far around their middle, in adu. */
const BIAS = 25_000;
const BIAS_SPREAD = 1_500;
/** For sensors whose amplifiers nobody has measured: e-/adu and e-. */
const TYPICAL = { gain: 1.4, readNoise: 8 };

/** Everything that the addon needs to synthesise one source of the `index`-th exposure (0-based) of a run. */
export function sourceScene(
  camera: Camera,
  location: string,
  index: number,
  { seed, sky, starsPerSegment }: Sky,
): { readonly layout: SourceLayout; readonly scene: SynthScene } {
  const { reb } = rebByLocation(camera, location);
  const type = rebSensorType(camera, reb);
  const layout = sourceLayout(camera, location, { corrected: true });
  const scene = {
    seed: seedOf('exposure', seed, index, location),
    sensors: seedOf('sensors', camera.name, location),
    columns: [type.underCols, type.underCols + type.readCols],
    rows: type.readRows,
    sky,
    starsPerSegment,
    amplifiers: reb.ccds.map((ccd, n) =>
      amplifiers(`${camera.name} ${location}`, ccd, layout.ccds[n]?.channels.length ?? 0),
    ),
  } as const;
  return { layout, scene };
}

/** Bias levels belong to the camera: they are the same in all its exposures. */
function amplifiers(source: string, ccd: Ccd, segments: number): SynthAmplifier[] {
  return Array.from({ length: segments }, (_, segment) => {
    const { gain, readNoise } = ccd.amplifiers?.[segment] ?? TYPICAL;
    const place = seedOf('bias', source, ccd.sensor, segment) / 2 ** 53;
    return { bias: BIAS + BIAS_SPREAD * (2 * place - 1), gain, readNoise };
  });
}

/** 53 bits that depend on all parts and on nothing else. */
export function seedOf(...parts: readonly (string | number)[]): number {
  return Number(createHash('sha256').update(parts.join('/')).digest().readBigUInt64BE(0) >> 11n);
}
