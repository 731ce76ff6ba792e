import { basename } from 'node:path';
import { allCcds, type CcdPlace, ccdBySlot } from '../../camera/geometry.js';
import { cameraNames, loadCamera } from '../../camera/load.js';
import type { Camera } from '../../camera/types.js';
import type { FitsFile } from '../../fits/reader.js';
import { ArchiverError } from '../../model/errors.js';
import { type ObsId, parseObsId, parseRaft, parseSensor } from '../../model/ids.js';
import { dayobsFromTai, taiFromIso } from '../../model/time.js';
import { PrimaryCards } from './primary.js';

/** What a person says of the files when they do not say it themselves. */
export interface FitsFlags {
  readonly camera?: string;
  readonly raft?: string;
  readonly sensor?: string;
  readonly obsid?: string;
}

/** Which CCD of which exposure a file holds. */
export interface FitsIdentity {
  readonly camera: Camera;
  readonly place: CcdPlace;
  readonly obsid: ObsId;
}

const RAFT_SERIAL = /C?RTM-\d{3,4}/;
const NAME_OBSID = /[A-Z]{2}_[OCHPQS]_\d{8}_\d{6}/;
const NAME_RAFT = /(?:^|[_-])(R[0-4][0-4])(?=[_.-])/;
const NAME_SENSOR = /(?:^|[_-])(S[0-2][0-2]|S[GW][01])(?=[_.-])/;

/**
 * Tells what a file is: by the flags, then its cards, then the serial number of its raft, then its name, and the image name last from DATE-OBS less
 * 12 hours and SEQNUM. @throws CAPTURE_FLAG_NEEDED, CAMERA_UNKNOWN, LOCATION_UNKNOWN, IMAGE_NAME_INVALID
 */
export function identify(file: FitsFile, flags: FitsFlags): FitsIdentity {
  const cards = new PrimaryCards(file);
  const name = basename(file.path);
  const unknown = (what: string, flag: string) =>
    new ArchiverError('CAPTURE_FLAG_NEEDED', { what, path: file.path, flag });
  const camera = findCamera(cards, name, flags.camera);
  if (camera === undefined) throw unknown('The camera', '--camera');
  const raft = flags.raft ?? findRaft(camera, cards, name);
  if (raft === undefined) throw unknown('The raft', '--raft');
  const bay = parseRaft(raft);
  const sensor = flags.sensor ?? cards.text('CCDSLOT') ?? NAME_SENSOR.exec(name)?.[1] ?? onlySensor(camera, bay);
  if (sensor === undefined) throw unknown('The sensor', '--sensor');
  const obsid = flags.obsid ?? findObsId(camera, cards, name);
  if (obsid === undefined) throw unknown('The image name', '--obsid');
  return { camera, place: ccdBySlot(camera, bay, parseSensor(sensor)), obsid: parseObsId(obsid) };
}

function findCamera(cards: PrimaryCards, name: string, flag: string | undefined): Camera | undefined {
  if (flag !== undefined) return loadCamera(flag);
  const cameras = cameraNames().map(loadCamera);
  const code = cards.text('CAMCODE') ?? cards.text('TELCODE');
  const instrument = cards.text('INSTRUME')?.toLowerCase();
  const serial = raftSerial(cards, name);
  return (
    cameras.find((camera) => camera.code === code) ??
    cameras.find((camera) => camera.instrume.toLowerCase() === instrument) ??
    cameras.find((camera) => raftOfSerial(camera, serial) !== undefined) ??
    cameras.find((camera) => camera.code === NAME_OBSID.exec(name)?.[0].slice(0, 2))
  );
}

function findRaft(camera: Camera, cards: PrimaryCards, name: string): string | undefined {
  const only = camera.rafts.length === 1 ? camera.rafts[0]?.bay : undefined;
  return cards.text('RAFTBAY') ?? raftOfSerial(camera, raftSerial(cards, name)) ?? NAME_RAFT.exec(name)?.[1] ?? only;
}

/** RAFTNAME is the raft's name, sometimes with an addition; files of a test stand carry its serial in their names. */
function raftSerial(cards: PrimaryCards, name: string): string | undefined {
  return RAFT_SERIAL.exec(cards.text('RAFTNAME') ?? '')?.[0] ?? RAFT_SERIAL.exec(name)?.[0];
}

function raftOfSerial(camera: Camera, serial: string | undefined): string | undefined {
  if (serial === undefined) return undefined;
  return camera.rafts.find((raft) => RAFT_SERIAL.exec(raft.name)?.[0] === serial)?.bay;
}

function onlySensor(camera: Camera, bay: string): string | undefined {
  const ccds = allCcds(camera).filter(({ raft }) => raft.bay === bay);
  return ccds.length === 1 ? ccds[0]?.ccd.sensor : undefined;
}

function findObsId(camera: Camera, cards: PrimaryCards, name: string): string | undefined {
  const seqnum = cards.integer('SEQNUM');
  const code = cards.text('CAMCODE') ?? cards.text('TELCODE');
  const controller = cards.text('CONTRLLR');
  const dayobs = cards.text('DAYOBS');
  const complete = code !== undefined && controller !== undefined && dayobs !== undefined && seqnum !== undefined;
  return (
    cards.text('OBSID') ??
    (complete ? obsidText(code, controller, dayobs, seqnum) : undefined) ??
    NAME_OBSID.exec(name)?.[0] ??
    obsidFromTime(camera, cards, seqnum)
  );
}

/** Test stands wrote no image names: theirs are TS, taken by CCS (controller C), on the observing day of DATE-OBS. */
function obsidFromTime(camera: Camera, cards: PrimaryCards, seqnum: number | undefined): string | undefined {
  const time = taiFromIso(cards.text('DATE-OBS') ?? '');
  if (time === null || seqnum === undefined) return undefined;
  const code =
    cards.text('CAMCODE') ?? cards.text('TELCODE') ?? (cards.text('TSTAND') === undefined ? camera.code : 'TS');
  return obsidText(code, cards.text('CONTRLLR') ?? 'C', dayobsFromTai(time), seqnum);
}

function obsidText(code: string, controller: string, dayobs: string, seqnum: number): string {
  return `${code}_${controller}_${dayobs}_${String(seqnum).padStart(6, '0')}`;
}
