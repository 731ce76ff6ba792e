import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { headerPackageYaml } from '../../fixtures/header-package.js';
import type { FileFacts, FileJob, ImageJob } from '../../src/assemble/port.js';
import { AssemblerService } from '../../src/assemble/service.js';
import { rebByLocation } from '../../src/camera/geometry.js';
import { loadCamera } from '../../src/camera/load.js';
import type { Camera } from '../../src/camera/types.js';
import { openDaq } from '../../src/compose.js';
import { type SharedImage, shareImages } from '../../src/daq/memory-shared.js';
import type { DaqSource, ImageDescription } from '../../src/daq/port.js';
import { mergeHeader } from '../../src/header/merge.js';
import { parsePackage } from '../../src/header/parse.js';
import { systemClock } from '../../src/model/clock.js';
import type { HeaderPackage } from '../../src/model/header-package.js';
import { relativeBase } from '../../src/model/ids.js';
import { packageVersion } from '../../src/model/package.js';
import { loadNative } from '../../src/native/binding.js';
import type { NativeCore } from '../../src/native/contract.js';
import { exposureFacts } from '../../src/pipeline/exposure.js';
import { paths, storedImage } from '../inputs.js';
import { focalPlaneDescription, productsOf } from '../scenes.js';
import type { Scene, TrialSpec } from '../types.js';

/** Name under which this process shares its images with its worker threads. */
const SHARED = 'bench';
const DAQ = { kind: 'memory', name: SHARED } as const;
const CREATED_AT = '2026-11-22T01:00:40.000';
export const BAND_ROWS = 64;

/** An image that a memory DAQ can be asked for again and again: its packed words, facts and coefficients are in memory before anything is timed. */
export interface MemoryImage {
  readonly native: NativeCore;
  readonly daq: DaqSource;
  /** Path of its description, for whoever loads it himself. */
  readonly cameraPath: string;
  readonly camera: Camera;
  readonly image: ImageJob;
  readonly description: ImageDescription;
  /** Bytes of packed words that the trial itself holds. */
  readonly inputBytes: number;
}

/** The image and an assembler of the product in this process. */
export interface Session extends MemoryImage {
  readonly service: AssemblerService;
}

export async function openImage(spec: TrialSpec, scene: Scene): Promise<MemoryImage> {
  const { image: shared, inputBytes } = await sharedImage(spec, scene);
  shareImages(SHARED, [shared]);
  const cameraPath = paths.camera(spec.inputs, scene, spec.variant);
  const { description } = shared;
  return {
    native: loadNative(),
    daq: await openDaq(DAQ),
    cameraPath,
    camera: loadCamera(cameraPath),
    image: imageJob(description, spec),
    description,
    inputBytes,
  };
}

export async function openSession(
  spec: TrialSpec,
  scene: Scene,
  limits: { readonly threads: number; readonly poolBytes: number },
): Promise<Session> {
  const memory = await openImage(spec, scene);
  const { native, daq, cameraPath: camera } = memory;
  native.configurePool(limits.poolBytes);
  const config = { daq: DAQ, camera, bandRows: BAND_ROWS, ...limits };
  return { ...memory, service: new AssemblerService({ native, config, daq, clock: systemClock }) };
}

export function imageJob(description: ImageDescription, spec: TrialSpec): ImageJob {
  const { tag, name } = description.image;
  const { sources } = description;
  return { obsid: name, tag, sources, products: productsOf(spec.variant), compression: 'rice' };
}

/** The file jobs of one REB as the pipeline makes them, in its order. */
export function fileJobs(
  { camera, image, description }: Pick<Session, 'camera' | 'image' | 'description'>,
  location: string,
  root: string,
): FileJob[] {
  const { raft, reb } = rebByLocation(camera, location);
  return reb.ccds.flatMap((ccd) =>
    image.products.map((product) => {
      const file = { obsid: image.obsid, raft: raft.bay, sensor: ccd.sensor, product, version: 1 };
      const base = `${product}/${relativeBase(camera.instrument, file)}`;
      const facts = fileFacts({ camera, description, location, raft: raft.bay, sensor: ccd.sensor });
      const where = { root, path: `${base}.fits`, sidecarPath: `${base}.json`, aside: root, folderMode: 0o755 };
      return { file, pixels: { location }, facts, ...where };
    }),
  );
}

interface FileOf {
  readonly camera: Camera;
  readonly description: ImageDescription;
  readonly location: string;
  readonly raft: string;
  readonly sensor: string;
}

const packages = new Map<string, HeaderPackage>();

function fileFacts({ camera, description, location, raft, sensor }: FileOf): FileFacts {
  const source = description.sources.find((one) => one.location === location);
  if (source === undefined) throw new Error(`no source ${location}`);
  const { firmware, serial, platform } = source;
  return {
    compression: 'rice',
    createdAt: CREATED_AT,
    version: packageVersion(),
    daq: { ...description.image, partition: null, emulatedImage: null, firmware, serial, platform },
    exposure: exposureFacts(description.events),
    conditions: {},
    header: mergeHeader(headerPackage(camera, description.image.name), { camera, raft, sensor }),
  };
}

/** A package as the header service would give it for this exposure. */
function headerPackage(camera: Camera, obsid: string): HeaderPackage {
  const known = packages.get(obsid);
  if (known !== undefined) return known;
  const text = headerPackageYaml({ camera, obsid, startIntegration: '2026-11-22T01:00:00.000', exposureTime: 30 });
  const made = parsePackage(text, { where: obsid, obsid });
  packages.set(obsid, made);
  return made;
}

async function sharedImage(spec: TrialSpec, scene: Scene): Promise<{ image: SharedImage; inputBytes: number }> {
  const stored = await storedImage(spec.inputs, scene === 'ccd' ? 'ccd' : 'raft');
  const words = [...stored.streams.values()].map(({ path, crc32 }) => ({
    packed: readShared(path),
    crc32: crc32 ?? loadNative().crc32(readFileSync(path)),
  }));
  const inputBytes = words.reduce((sum, { packed }) => sum + packed.byteLength, 0);
  const description = scene === 'focal-plane' ? focalPlaneDescription(stored.description) : stored.description;
  const sources = new Map(
    description.sources.map(({ location }, i) => {
      const one = words[i % words.length];
      if (one === undefined) throw new Error('the stored exposure has no source');
      return [location, one] as const;
    }),
  );
  return { image: { description, sources }, inputBytes };
}

function readShared(path: string): SharedArrayBuffer {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const shared = new SharedArrayBuffer(size);
    const view = new Uint8Array(shared);
    for (let done = 0; done < size; ) done += readSync(file, view, done, size - done, done);
    return shared;
  } finally {
    closeSync(file);
  }
}
