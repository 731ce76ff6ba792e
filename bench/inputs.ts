import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { aduCoefficients, allCcds, crosstalkOf, readoutOf, rebSensorType } from '../src/camera/geometry.js';
import { loadCamera } from '../src/camera/load.js';
import { runVerb } from '../src/cli/process.js';
import { type CapturedImage, CaptureFolder } from '../src/daq/capture/folder.js';
import { OBSID, sceneCamera } from './scenes.js';
import type { Scene, Variant } from './types.js';

const VARIANTS: readonly Variant[] = ['base', 'both'];
/** Bytes that a checksum is made of: about a compressed CCD, whole FITS blocks. */
const CHECKSUM_BYTES = 6400 * 2880;

/** Where the parts of the inputs stand below their folder. */
export const paths = {
  store: (inputs: string, scene: 'ccd' | 'raft') => join(inputs, scene),
  camera: (inputs: string, scene: Scene, variant: Variant) => join(inputs, `${scene}.${variant}.json`),
  /** The same for programs of others: geometry, coefficients and files, one thing per line. */
  peer: (inputs: string, scene: 'ccd' | 'raft', variant: Variant) => join(inputs, `${scene}.${variant}.txt`),
  /** As many bytes as a CCD has in 32-bit pixels. */
  pixels: (inputs: string) => join(inputs, 'pixels.bin'),
  checksum: (inputs: string) => join(inputs, 'checksum.bin'),
  /** Sizes of the files that ours wrote, one per line. */
  sizes: (inputs: string, { name, variant }: { readonly name: string; readonly variant: Variant }) =>
    join(inputs, `sizes.${name}.${variant}.txt`),
};

/** Full-size exposures of these scenes, made by the product's own `daq synth`, once: what is there already is used again. */
export async function prepareInputs(inputs: string, scenes: ReadonlySet<Scene>): Promise<void> {
  mkdirSync(inputs, { recursive: true });
  for (const scene of ['ccd', 'raft', 'focal-plane'] as const) {
    for (const variant of VARIANTS) {
      writeFileSync(paths.camera(inputs, scene, variant), JSON.stringify(sceneCamera(scene, variant)));
    }
  }
  const stored = new Set([...scenes].map((scene) => (scene === 'ccd' ? 'ccd' : 'raft')));
  for (const scene of stored) {
    await synthesize(inputs, scene);
    for (const variant of VARIANTS) await describeForPeers(inputs, scene, variant);
  }
  if (stored.has('ccd')) await cutFloorInputs(inputs);
}

/** The scene's exposure as it was synthesised. @throws the errors of captures */
export function storedImage(inputs: string, scene: 'ccd' | 'raft'): Promise<CapturedImage> {
  const camera = loadCamera(paths.camera(inputs, scene, 'both'));
  return new CaptureFolder(paths.store(inputs, scene), camera).load(OBSID);
}

async function synthesize(inputs: string, scene: 'ccd' | 'raft'): Promise<void> {
  const store = paths.store(inputs, scene);
  if (existsSync(store)) return;
  const fresh = `${store}.${process.pid}`;
  rmSync(fresh, { recursive: true, force: true });
  const camera = paths.camera(inputs, scene, 'both');
  await runVerb(['daq', 'synth', '--store', fresh, '--images', '1', '--obsid', OBSID, '--camera', camera]);
  renameSync(fresh, store);
}

async function describeForPeers(inputs: string, scene: 'ccd' | 'raft', variant: Variant): Promise<void> {
  const camera = loadCamera(paths.camera(inputs, scene, variant));
  const { streams } = await storedImage(inputs, scene);
  const lines: string[] = [];
  for (const { raft, reb, ccd, index } of allCcds(camera)) {
    const readout = readoutOf(camera, reb);
    const type = rebSensorType(camera, reb);
    if (lines.length === 0) {
      const { columns, rows, pedestal } = type;
      lines.push([columns, rows, readout.groups, readout.xor, ...pedestal].join(' '));
    }
    if (index === 0) lines.push(`source ${streams.get(reb.location)?.path}`);
    const crosstalk = crosstalkOf(camera, ccd);
    if (crosstalk === null) throw new Error(`${ccd.sensor} has no crosstalk coefficients`);
    const { linear, quadratic } = aduCoefficients(crosstalk);
    const name = `${raft.bay}_${ccd.sensor}`;
    const channels = readout.channels[index] ?? [];
    lines.push(['ccd', name, readout.group[index], ...channels, ...linear, ...quadratic].join(' '));
  }
  writeFileSync(paths.peer(inputs, scene, variant), `${lines.join('\n')}\n`);
}

/** Bytes for what is only copied or summed: any will do, so they are the packed words. */
async function cutFloorInputs(inputs: string): Promise<void> {
  const camera = loadCamera(paths.camera(inputs, 'ccd', 'both'));
  const { streams } = await storedImage(inputs, 'ccd');
  const packed = readFileSync([...streams.values()][0]?.path ?? '');
  const type = Object.values(camera.sensorTypes)[0];
  const pixelBytes = (type?.columns ?? 0) * (type?.rows ?? 0) * 16 * 4;
  writeFileSync(paths.checksum(inputs), packed.subarray(0, CHECKSUM_BYTES));
  writeFileSync(paths.pixels(inputs), Buffer.concat([packed, packed]).subarray(0, pixelBytes));
}
