import { ArchiverError } from './errors.js';

/** Name of one exposure, e.g. CC_O_20241108_000266: camera code, controller, dayobs (yyyymmdd), seqnum (6 digits). */
export interface ObsId {
  readonly text: string;
  /** AT, CC, MC, TS ... */
  readonly camera: string;
  /** O (OCS), C (CCS), H, P, Q, S (simulated). */
  readonly controller: string;
  /** Observing day, yyyymmdd. */
  readonly dayobs: string;
  /** 1-based within dayobs and controller; below 32768 it can be packed into a detector exposure id. */
  readonly seqnum: number;
}

const OBSID = /^([A-Z]{2})_([OCHPQS])_(\d{4})(\d{2})(\d{2})_(\d{6})$/;
const RAFT = /^R[0-4][0-4]$/;
const SENSOR = /^(?:S[0-2][0-2]|S[GW][01])$/;

/**
 * Parses an image name by its grammar; every path and card is rebuilt from the parts, never from the text that came in.
 * @throws ArchiverError IMAGE_NAME_INVALID
 */
export function parseObsId(text: string): ObsId {
  const match = OBSID.exec(text);
  if (match === null) throw new ArchiverError('IMAGE_NAME_INVALID', { name: text });
  const [, camera = '', controller = '', year = '', month = '', day = '', seq = ''] = match;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) {
    throw new ArchiverError('IMAGE_NAME_INVALID', { name: text });
  }
  return {
    text: `${camera}_${controller}_${year}${month}${day}_${seq}`,
    camera,
    controller,
    dayobs: `${year}${month}${day}`,
    seqnum: Number(seq),
  };
}

/** @throws ArchiverError LOCATION_UNKNOWN when the text is not a raft bay of the focal plane grid (R00 ... R44). */
export function parseRaft(text: string): string {
  if (!RAFT.test(text)) throw new ArchiverError('LOCATION_UNKNOWN', { location: text });
  return text;
}

/** @throws ArchiverError LOCATION_UNKNOWN when the text is not a sensor slot (S00 ... S22, SG0, SG1, SW0, SW1). */
export function parseSensor(text: string): string {
  if (!SENSOR.test(text)) throw new ArchiverError('LOCATION_UNKNOWN', { location: text });
  return text;
}

/** Which pixels a file holds: the observation itself, or the crosstalk-corrected copy for prompt processing. */
export type Product = 'raw' | 'corrected';

/** One CCD of one image. */
export interface CcdId {
  readonly obsid: string;
  /** e.g. R22 */
  readonly raft: string;
  /** e.g. S11 */
  readonly sensor: string;
}

/** One file: a CCD, its product and its version (1, then 2, 3 ... for late headers). */
export interface FileId extends CcdId {
  readonly product: Product;
  readonly version: number;
}

/** File name without folder or extension: `<obsid>_<raft>_<sensor>`. */
export function baseName(ccd: CcdId): string {
  return `${ccd.obsid}_${ccd.raft}_${ccd.sensor}`;
}

const FITS_NAME = /^(.+)_(R\d{2})_(S[A-Z\d]{2})\.fits$/;

/** The CCD that a file name of `baseName` and `.fits` is of; undefined for another name. */
export function ccdOfName(name: string): CcdId | undefined {
  const [, obsid, raft, sensor] = FITS_NAME.exec(name) ?? [];
  return obsid === undefined || raft === undefined || sensor === undefined ? undefined : { obsid, raft, sensor };
}

/** Path below any staging root without extension: `<instrument>/<dayobs>/<obsid>/<obsid>_<raft>_<sensor>`. */
export function relativeBase(instrument: string, ccd: CcdId): string {
  return `${instrument}/${parseObsId(ccd.obsid).dayobs}/${ccd.obsid}/${baseName(ccd)}`;
}

/** Stable text key of a file, used as job id and in the ledger: `obsid/raft_sensor/product/version`. */
export function fileKey(file: FileId): string {
  return `${file.obsid}/${file.raft}_${file.sensor}/${file.product}/${file.version}`;
}

/** Folder below a staging root: version 1 has the name that consumers know, later ones have it under `.revisions/<version>`. */
export function revisionFolder({ version }: FileId): string {
  return version === 1 ? '' : `.revisions/${version}`;
}
