import { basename } from 'node:path';
import { cameraNames, loadCamera } from '../camera/load.js';
import { ccdBySlot } from '../camera/locations.js';
import type { Camera, Ccd, Raft, SensorType } from '../camera/types.js';
import type { Hdu } from '../fits/hdu.js';
import { ArchiverError } from '../model/errors.js';

/** Which CCD of which camera a FITS file holds. */
export interface CcdIdentity {
  /** OBSID card, else the file's name without extension. */
  readonly obsid: string;
  readonly camera: Camera;
  readonly raft: Raft;
  readonly ccd: Ccd;
  readonly type: SensorType;
}

/**
 * Tells the CCD by its primary header: camera by CAMCODE (TELCODE before 2020) or INSTRUME, CCD by RAFTBAY and CCDSLOT. What these do not say, as on
 * test stands, is taken from the raft's serial (RTM-010) and from a file name that ends in _R22_S11 or _S11.
 * @param camera name of the camera, when the caller knows better
 * @throws ArchiverError CAPTURE_FLAG_NEEDED when the camera stays unknown, LOCATION_UNKNOWN when the CCD does, CAMERA_UNKNOWN
 */
export function identifyCcd(primary: Hdu, camera?: string): CcdIdentity {
  const name = basename(primary.source.path).replace(/\.fits.*$/, '');
  const serial = /C?RTM-\d+/.exec(primary.text('RAFTNAME') ?? name)?.[0];
  const known = camera === undefined ? cameraOf(primary, serial) : loadCamera(camera);
  const fromName = /(?:(R\d\d)[_-])?(S[0-9GW]\d)$/.exec(name);
  const bay = primary.text('RAFTBAY') ?? raftOf(known, serial)?.bay ?? fromName?.[1] ?? 'unknown raft';
  const sensor = primary.text('CCDSLOT') ?? fromName?.[2] ?? 'unknown sensor';
  const { raft, ccd } = ccdBySlot(known, bay, sensor);
  const type = known.sensorTypes[ccd.type];
  if (type === undefined) throw new ArchiverError('LOCATION_UNKNOWN', { location: `${bay}_${sensor}` });
  return { obsid: primary.text('OBSID') ?? name, camera: known, raft, ccd, type };
}

function raftOf(camera: Camera, serial: string | undefined): Raft | undefined {
  return camera.rafts.find(({ name }) => serial !== undefined && name.endsWith(serial));
}

function cameraOf(primary: Hdu, serial: string | undefined): Camera {
  const code = primary.text('CAMCODE') ?? primary.text('TELCODE') ?? primary.text('OBSID')?.slice(0, 2);
  const instrume = primary.text('INSTRUME')?.toLowerCase();
  const cameras = cameraNames().map(loadCamera);
  const found =
    cameras.find((camera) => camera.code === code) ??
    cameras.find((camera) => camera.instrume.toLowerCase() === instrume) ??
    cameras.find((camera) => raftOf(camera, serial) !== undefined);
  if (found !== undefined) return found;
  throw new ArchiverError('CAPTURE_FLAG_NEEDED', {
    what: 'The camera',
    path: primary.source.path,
    flag: '--camera NAME',
  });
}
