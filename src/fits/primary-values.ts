import { sensorTypeOf } from '../camera/geometry.js';
import { ArchiverError } from '../model/errors.js';
import { baseName, parseObsId } from '../model/ids.js';
import { isoFromTai, mjdFromTai, type Tai, taiFromIso } from '../model/time.js';
import type { CrosstalkFacts, DaqFacts, FactValue, HeaderInput } from './facts.js';

const NS_PER_MS = 1_000_000n;

/** What this program says of the primary header, by keyword. */
export function primaryValues(input: HeaderInput, created: Tai): Map<string, FactValue> {
  return new Map<string, FactValue>([
    ...structureValues(input),
    ...nameValues(input),
    ...timeValues(input, created),
    ...cameraValues(input),
    ...daqValues(input.daq),
    ...exposureValues(input),
    ...conditionValues(input),
    ...(input.product === 'corrected' ? crosstalkValues(input.crosstalk) : []),
  ]);
}

type Values = [string, FactValue][];

/** createdAt as an instant. @throws ArchiverError HEADER_VALUE when it is no TAI ISO time. */
export function createdInstant(input: HeaderInput): Tai {
  const tai = taiFromIso(input.createdAt);
  if (tai === null)
    throw new ArchiverError('HEADER_VALUE', { keyword: 'DATE', problem: `${input.createdAt} is no time` });
  return tai;
}

/** What a file's SIMPLE card says of its writer. */
export function writerComment(version: string, created: Tai): string {
  return `ccarchiver ${version}: ${isoFromTai(created)} TAI`;
}

function structureValues(input: HeaderInput): Values {
  return [
    ['SIMPLE', true],
    ['BITPIX', 8],
    ['NAXIS', 0],
    ['EXTEND', true],
    ['DETSIZE', sensorTypeOf(input.camera, input.ccd).detsize],
    ['BINX', 1],
    ['BINY', 1],
    ['BUNIT', 'adu'],
    ['TIMESYS', 'TAI'],
    ['HEADVER', 2],
    ['IHVERS', `ccarchiver ${input.version}`],
    ['HDRSTAT', input.header.status === 'COMPLETE' ? null : input.header.status],
  ];
}

function nameValues({ obsid, raft, ccd }: HeaderInput): Values {
  const name = parseObsId(obsid);
  return [
    ['OBSID', name.text],
    ['CAMCODE', name.camera],
    ['CONTRLLR', name.controller],
    ['DAYOBS', name.dayobs],
    ['SEQNUM', name.seqnum],
    ['FILENAME', `${baseName({ obsid: name.text, raft: raft.bay, sensor: ccd.sensor })}.fits`],
  ];
}

/**
 * DATE* and MJD* in TAI, each pair from one instant. The start of integration is DATE-OBS and DATE-BEG; the trigger
 * is the DAQ's. DATE is moved by a millisecond where it would equal DATE-OBS: consumers take equality as a sign of a
 * header that lacks its pointing.
 */
function timeValues(input: HeaderInput, created: Tai): Values {
  const begin = instant(input.exposure.startIntegration) ?? packageInstant(input, 'DATE-BEG', 'DATE-OBS');
  const end = instant(input.exposure.endIntegration) ?? packageInstant(input, 'DATE-END');
  const date = begin !== null && isoFromTai(begin) === isoFromTai(created) ? created + NS_PER_MS : created;
  return [
    ...datePair('', date),
    ...datePair('-OBS', begin),
    ...datePair('-TRG', nanoseconds(input.daq.triggerNs)),
    ...datePair('-BEG', begin),
    ...datePair('-END', end),
  ];
}

function datePair(suffix: string, tai: Tai | null): Values {
  return [
    [`DATE${suffix}`, tai === null ? null : isoFromTai(tai)],
    [`MJD${suffix}`, tai === null ? null : mjdFromTai(tai)],
  ];
}

/** The 64-bit times of the DAQ; null for what is none. */
function nanoseconds(text: string): bigint | null {
  return /^\d{1,20}$/.test(text) ? BigInt.asUintN(64, BigInt(text)) : null;
}

function instant(text: string | null): Tai | null {
  return text === null ? null : taiFromIso(text);
}

/** The service takes these times from the camera, in TAI. */
function packageInstant({ header }: HeaderInput, ...keywords: string[]): Tai | null {
  const texts = keywords.map((keyword) => header.primary.find((record) => record.keyword === keyword)?.value?.text);
  return texts.map((text) => instant(text ?? null)).find((tai) => tai !== null) ?? null;
}

function cameraValues(input: HeaderInput): Values {
  const { camera, raft, reb, ccd } = input;
  const { longitude, latitude, elevation, geocentric } = camera.site;
  const type = sensorTypeOf(input.camera, input.ccd);
  return [
    ['INSTRUME', camera.instrume],
    ['TELESCOP', camera.telescope],
    ['OBS-LONG', longitude],
    ['OBS-LAT', latitude],
    ['OBS-ELEV', elevation],
    ['OBSGEO-X', geocentric[0]],
    ['OBSGEO-Y', geocentric[1]],
    ['OBSGEO-Z', geocentric[2]],
    ['CCD_MANU', type.manufacturer],
    ['CCD_TYPE', type.model],
    ['CCDSLOT', ccd.sensor],
    ['RAFTBAY', raft.bay],
    ['LSST_NUM', ccd.lsstNum],
    ['CCD_SERN', ccd.serial],
    ['REBNAME', reb.name],
    ['RAFTNAME', raft.name],
  ];
}

function daqValues(daq: DaqFacts): Values {
  return [
    ['EMUIMAGE', daq.emulatedImage],
    ['IMAGETAG', daq.tag],
    ['OBSANNOT', daq.annotation],
    ['FIRMWARE', daq.firmware],
    ['PLATFORM', daq.platform],
    ['CONTNUM', daq.serial],
    ['DAQVERS', daqVersion(daq.version)],
    ['DAQPART', daq.partition],
    ['DAQFOLD', daq.folder],
  ];
}

function daqVersion({ tag, buildTimeNs, hash }: DaqFacts['version']): string {
  const built = nanoseconds(buildTimeNs);
  const time = built === null ? 'unknown' : `${new Date(Number(built / NS_PER_MS)).toISOString().slice(0, 19)}Z`;
  return `${tag} ${time} (${hash})`;
}

function exposureValues({ exposure, header }: HeaderInput): Values {
  const known = header.primary.some((record) => record.keyword === 'IMGTYPE' && record.value !== null);
  return [
    ['IMGTYPE', exposure.imageType ?? (known ? null : 'UNKNOWN')],
    ['TESTTYPE', exposure.testType],
    ['GROUPID', exposure.groupId],
    ['PROGRAM', exposure.program],
    ['REASON', exposure.reason],
    ['CURINDEX', exposure.curIndex],
    ['MAXINDEX', exposure.maxIndex],
    ['EXPTIME', exposure.exposureTime],
    ['DARKTIME', exposure.darkTime],
    ['STUTTER ROWS', exposure.stutter?.rows ?? null],
    ['STUTTER DELAY', exposure.stutter?.delay ?? null],
    ['STUTTER NSHIFTS', exposure.stutter?.nShifts ?? null],
  ];
}

/**
 * CCDGAIN and CCDNOISE are nominal: every file of the camera carries the same 1 e-/adu and 10 e- unless the
 * conditions say otherwise.
 */
function conditionValues({ conditions }: HeaderInput): Values {
  const sequencer = conditions.SEQFILE ?? null;
  return [
    ['CCDGAIN', conditions.CCDGAIN ?? 1],
    ['CCDNOISE', conditions.CCDNOISE ?? 10],
    ['TSTAND', conditions.TSTAND ?? null],
    ['SEQFILE', sequencer],
    ['SEQNAME', conditions.SEQNAME ?? sequencer],
    ['SEQCKSUM', conditions.SEQCKSUM ?? null],
    ['FPVERS', conditions.FPVERS ?? null],
  ];
}

function crosstalkValues(facts: CrosstalkFacts | undefined): Values {
  if (facts === undefined)
    throw new ArchiverError('INTERNAL', { problem: 'a corrected product without its coefficients' });
  return [
    ['XTALKCOR', true],
    ['XTALKORD', facts.order],
    ['XTALKCAL', facts.name],
    ['XTALKSUM', facts.sha256],
  ];
}
