import { loadCamera } from '../src/camera/load.js';
import type { Camera, CrosstalkTable, Raft, Reb } from '../src/camera/types.js';
import type { ImageDescription } from '../src/daq/port.js';
import type { Product } from '../src/model/ids.js';
import { mapValues } from './statistics.js';
import type { Scene, Variant } from './types.js';

/** Name of the one stored exposure of every scene. */
export const OBSID = 'CC_S_20261121_000001';
/** CCDs of the LSSTCam focal plane that are read out as science CCDs are: 68 REBs. */
export const FOCAL_PLANE_REBS = 68;
const REBS_PER_RAFT = 3;

/** Products that a variant makes. */
export function productsOf(variant: Variant): Product[] {
  return variant === 'both' ? ['raw', 'corrected'] : ['corrected'];
}

/** ComCam, one CCD of it alone on its REB, or as many of its rafts as make a focal plane; base has no quadratic coefficients. */
export function sceneCamera(scene: Scene, variant: Variant): Camera {
  const comcam = loadCamera('comcam');
  const crosstalk = variant === 'both' ? comcam.crosstalk : mapValues(comcam.crosstalk, linearOnly);
  const camera = { ...comcam, crosstalk };
  if (scene === 'raft') return camera;
  return scene === 'ccd' ? oneCcd(camera) : focalPlane(camera);
}

/** The raft's exposure as if all REBs of the focal plane had seen the same three streams, in turn. */
export function focalPlaneDescription(raft: ImageDescription): ImageDescription {
  const sources = focalPlaneLocations().map((location, i) => {
    const source = raft.sources[i % raft.sources.length];
    if (source === undefined) throw new Error('the raft has no sources');
    return { ...source, location };
  });
  return { ...raft, sources, image: { ...raft.image, locations: focalPlaneLocations() } };
}

export function focalPlaneLocations(): string[] {
  return Array.from({ length: FOCAL_PLANE_REBS }, (_, i) => {
    const bay = Math.floor(i / REBS_PER_RAFT);
    return `${Math.floor(bay / 5)}${bay % 5}/${i % REBS_PER_RAFT}`;
  });
}

function linearOnly(table: CrosstalkTable): CrosstalkTable {
  return { ...table, name: `${table.name}, linear`.slice(0, 68), quadratic: table.quadratic.map(() => 0) };
}

function oneCcd(camera: Camera): Camera {
  const [raft, reb] = firstReb(camera);
  const readout = camera.readouts[reb.readout];
  if (readout === undefined) throw new Error(`no readout ${reb.readout}`);
  const single = { ...readout, sensorType: 1 as const, groups: 1, group: [0], channels: readout.channels.slice(0, 1) };
  const alone = { ...reb, readout: 'single', ccds: reb.ccds.slice(0, 1) };
  return { ...camera, readouts: { single }, rafts: [{ ...raft, rebs: [alone] }] };
}

function focalPlane(camera: Camera): Camera {
  const [raft] = firstReb(camera);
  const locations = focalPlaneLocations();
  const bays = [...new Set(locations.map((location) => location.slice(0, 2)))];
  let detector = 0;
  const rafts = bays.map((bay): Raft => {
    const own = locations.filter((location) => location.startsWith(bay));
    const rebs = raft.rebs.slice(0, own.length).map((reb, i) => ({
      ...reb,
      location: `${bay}/${i}`,
      ccds: reb.ccds.map((ccd) => ({ ...ccd, detector: detector++ })),
    }));
    return { ...raft, bay: `R${bay}`, rebs };
  });
  return { ...camera, rafts };
}

function firstReb(camera: Camera): [Raft, Reb] {
  const raft = camera.rafts[0];
  const reb = raft?.rebs[0];
  if (raft === undefined || reb === undefined) throw new Error(`${camera.name} has no REB`);
  return [raft, reb];
}
