import { readoutOf, readoutRegisters, rebSensorType, sourceLayout, sourceLength } from '../../camera/geometry.js';
import type { FitsFile } from '../../fits/reader.js';
import { isoFromTai, type Tai, taiFromIso } from '../../model/time.js';
import { bareImage } from '../capture/folder.js';
import { tagOfName } from '../capture/names.js';
import type { CameraEvent, DaqImage, DaqSourceInfo, DaqVersion } from '../port.js';
import type { FitsIdentity } from './identity.js';
import { PrimaryCards } from './primary.js';

type Values = Readonly<Record<string, string | number | boolean | null>>;

/** What one FITS file tells besides its pixels. */
export interface FitsFacts {
  /** Without locations: which REBs there are is known only when all files are. */
  readonly image: DaqImage;
  readonly events: readonly CameraEvent[];
  readonly source: DaqSourceInfo;
  /** By keyword: what belongs to the image, and what to its REB. */
  readonly common: Values;
  readonly board: Values;
}

/** Primary cards that the focal-plane subsystem gave: of the whole image, and of one REB. */
const COMMON = ['DAQPART', 'EMUIMAGE', 'TSTAND', 'FPVERS', 'CCDGAIN', 'CCDNOISE'];
const BOARD = ['SEQFILE', 'SEQNAME', 'SEQCKSUM'];
/** Cards of a condition HDU that describe the HDU itself. */
const STRUCTURE = new Set([
  'XTENSION',
  'BITPIX',
  'NAXIS',
  'NAXIS1',
  'NAXIS2',
  'PCOUNT',
  'GCOUNT',
  'TFIELDS',
  'EXTNAME',
  'CHECKSUM',
  'DATASUM',
]);
const DAQ_VERSION = /^(\S{1,31}) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)Z \(([0-9a-f]{1,8})\)$/;

export function fitsFacts(file: FitsFile, identity: FitsIdentity): FitsFacts {
  const cards = new PrimaryCards(file);
  const name = identity.obsid.text;
  const version = daqVersion(cards.text('DAQVERS'));
  return {
    image: {
      ...bareImage(name, []),
      tag: imageTag(cards.text('IMAGETAG')) ?? tagOfName(name),
      annotation: (cards.text('OBSANNOT') ?? cards.text('DAQANNOT') ?? '').slice(0, 63),
      ...triggerOf(cards),
      version,
    },
    events: eventsOf(cards, name),
    source: sourceOf(cards, identity, version),
    common: { ...pick(cards, COMMON), ...conditionCards(file, 'CONFIG_COND') },
    board: { ...pick(cards, BOARD), ...conditionCards(file, 'REB_COND') },
  };
}

/** The id as the card shows it: hex, or the decimal milliseconds of 2018 and 2019, whose digits are hex digits too. */
function imageTag(text: string | undefined): string | undefined {
  const match = /^0*([1-9a-f][0-9a-f]{0,15})$/.exec(text?.toLowerCase() ?? '');
  return match?.[1];
}

/** The readout was triggered when the integration ended; files without that time have its start only. */
function triggerOf(cards: PrimaryCards): { triggerNs?: string } {
  const time = timeOf(cards, 'DATE-TRG', 'DATE-END', 'DATE-OBS');
  return time === undefined ? {} : { triggerNs: time.toString() };
}

function timeOf(cards: PrimaryCards, ...keywords: string[]): Tai | undefined {
  for (const keyword of keywords) {
    const time = taiFromIso(cards.text(keyword) ?? '');
    if (time !== null) return time;
  }
  return undefined;
}

function eventsOf(cards: PrimaryCards, imageName: string): CameraEvent[] {
  const request = pickAs(cards, {
    exposureTime: 'EXPTIME',
    imageType: 'IMGTYPE',
    testType: 'TESTTYPE',
    groupId: 'GROUPID',
    program: 'PROGRAM',
    reason: 'REASON',
    imageIndex: 'CURINDEX',
    imagesInSequence: 'MAXINDEX',
  });
  const telemetry = pickAs(cards, { darkTime: 'DARKTIME', measuredShutterOpenTime: 'SHUTTIME' });
  const event = (type: CameraEvent['type'], time: Tai | undefined, fields: Values = {}): CameraEvent[] =>
    time === undefined ? [] : [{ type, imageName, time: isoFromTai(time), fields }];
  const start = timeOf(cards, 'DATE-BEG', 'DATE-OBS');
  const end = timeOf(cards, 'DATE-END');
  return [
    ...event('startIntegration', start, request),
    ...event('endIntegration', end),
    ...event('endOfImageTelemetry', end ?? start, telemetry),
  ];
}

function sourceOf(cards: PrimaryCards, { camera, place }: FitsIdentity, version: DaqVersion): DaqSourceInfo {
  const { reb } = place;
  return {
    location: reb.location,
    expectedBytes: sourceLength(sourceLayout(camera, reb.location)),
    sensorType: readoutOf(camera, reb).sensorType,
    firmware: hexText(cards.text('FIRMWARE'), 8) ?? '0',
    serial: hexText(cards.text('CONTNUM'), 16) ?? reb.serial ?? '0',
    platform: (cards.text('PLATFORM') ?? '').slice(0, 31),
    version,
    registers: readoutRegisters(rebSensorType(camera, reb)),
  };
}

function hexText(text: string | undefined, digits: number): string | undefined {
  const value = text?.toLowerCase().replace(/^0+(?=.)/, '');
  return value !== undefined && /^[0-9a-f]+$/.test(value) && value.length <= digits ? value : undefined;
}

/** DAQVERS: `<tag> <build time, UTC>Z (<hash>)`. */
function daqVersion(text: string | undefined): DaqVersion {
  const [, tag = '', time = '', hash = ''] = DAQ_VERSION.exec(text ?? '') ?? [];
  const built = time === '' ? 0n : BigInt(Date.parse(`${time}Z`)) * 1_000_000n;
  return { tag, buildTimeNs: built.toString(), hash: hash.padStart(8, '0'), dirty: false };
}

function pick(cards: PrimaryCards, keywords: readonly string[]): Values {
  return pickAs(cards, Object.fromEntries(keywords.map((keyword) => [keyword, keyword])));
}

function pickAs(cards: PrimaryCards, names: Readonly<Record<string, string>>): Values {
  const entries = Object.entries(names).map(([name, keyword]) => [name, trimmed(cards.value(keyword))]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** All values of REB_COND or CONFIG_COND; files of 2018 and 2019 have none. */
function conditionCards(file: FitsFile, extname: string): Values {
  const hdu = file.hdus.find((one) => one.extname === extname);
  const entries = (hdu?.cards ?? [])
    .filter(
      ({ keyword, problem }) =>
        keyword !== '' && keyword !== 'COMMENT' && problem === undefined && !STRUCTURE.has(keyword),
    )
    .map(({ keyword, value }) => [keyword, trimmed(value ?? null)]);
  return Object.fromEntries(entries);
}

function trimmed<T>(value: T): T | string {
  return typeof value === 'string' ? value.trimEnd() : value;
}
