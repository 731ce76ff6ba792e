import { detectorSection } from './segments.js';
import type { Camera, Ccd, CrosstalkTable, Raft, Readout, Reb, SensorType } from './types.js';

export interface Problem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Where the parts of a camera contradict each other; empty when they agree. The shapes are right already. */
export function consistencyProblems(camera: Camera): Problem[] {
  return [
    ...uniqueProblems(camera),
    ...Object.entries(camera.sensorTypes).flatMap(([key, type]) => under(['sensorTypes', key], typeProblems(type))),
    ...Object.entries(camera.readouts).flatMap(([key, readout]) => under(['readouts', key], readoutProblems(readout))),
    ...Object.entries(camera.crosstalk).flatMap(([key, table]) => under(['crosstalk', key], tableProblems(table))),
    ...camera.rafts.flatMap((raft, i) => under(['rafts', i], raftProblems(camera, raft))),
  ];
}

function uniqueProblems(camera: Camera): Problem[] {
  const rebs = camera.rafts.flatMap(({ rebs }) => rebs);
  const ccds = rebs.flatMap(({ ccds }) => ccds);
  const repeats: readonly (readonly [string, readonly (string | number)[]])[] = [
    ['bay', camera.rafts.map(({ bay }) => bay)],
    ['location', rebs.map(({ location }) => location)],
    ['detector', ccds.map(({ detector }) => detector)],
  ];
  return repeats.flatMap(([what, values]) => repeated(what, values, ['rafts']));
}

function raftProblems(camera: Camera, raft: Raft): Problem[] {
  const digits = raft.bay.slice(1);
  return [
    ...repeated(
      'slot',
      raft.rebs.flatMap(({ ccds }) => ccds.map(({ sensor }) => sensor)),
      ['rebs'],
    ),
    ...repeated(
      'board',
      raft.rebs.map(({ board }) => board),
      ['rebs'],
    ),
    ...raft.rebs.flatMap((reb, i) =>
      under(
        ['rebs', i],
        [
          ...problem(reb.location.slice(0, 2) !== digits, ['location'], `${reb.location} is not in bay ${raft.bay}`),
          ...rebProblems(camera, reb),
        ],
      ),
    ),
  ];
}

function rebProblems(camera: Camera, reb: Reb): Problem[] {
  const readout = own(camera.readouts, reb.readout);
  if (readout === undefined) return problem(true, ['readout'], `no readout "${reb.readout}"`);
  const types = reb.ccds.map(({ type }) => own(camera.sensorTypes, type));
  const streams = new Set(types.flatMap((type) => (type === undefined ? [] : [streamShape(type)])));
  return [
    ...problem(reb.ccds.length !== readout.group.length, ['ccds'], `needs ${readout.group.length} CCDs`),
    ...problem(streams.size > 1, ['ccds'], 'differ in geometry, but one stream has one'),
    ...reb.ccds.flatMap((ccd, i) => under(['ccds', i], ccdProblems(camera, ccd, readout.channels[i] ?? []))),
  ];
}

function streamShape(type: SensorType): string {
  const { underCols, readCols, overCols, readRows, overRows, opFlags, pedestal } = type;
  return JSON.stringify([underCols, readCols, overCols, readRows, overRows, opFlags, pedestal]);
}

function ccdProblems(camera: Camera, ccd: Ccd, channels: readonly number[]): Problem[] {
  const type = own(camera.sensorTypes, ccd.type);
  if (type === undefined) return problem(true, ['type'], `no sensor type "${ccd.type}"`);
  const segments = type.segments.length;
  const table = ccd.crosstalk === null ? undefined : own(camera.crosstalk, ccd.crosstalk);
  return [
    ...problem(channels.length !== segments, ['type'], `has ${segments} segments, its readout ${channels.length}`),
    ...problem(
      ccd.amplifiers !== null && ccd.amplifiers.length !== segments,
      ['amplifiers'],
      `are not ${segments}, one per segment`,
    ),
    ...problem(ccd.crosstalk !== null && table === undefined, ['crosstalk'], `no crosstalk table "${ccd.crosstalk}"`),
    ...problem(
      table !== undefined && table.linear.length !== segments ** 2,
      ['crosstalk'],
      `is not ${segments} x ${segments}`,
    ),
  ];
}

function readoutProblems(readout: Readout): Problem[] {
  const { sensorType, groups, group, channels } = readout;
  const used = channels.flatMap((list, ccd) => list.map((channel) => `${group[ccd]}:${channel}`));
  return [
    ...problem(sensorType !== groups, ['groups'], `is not the ${sensorType} of its sensor type`),
    ...problem(channels.length !== group.length, ['channels'], `are not ${group.length} lists, one per CCD`),
    ...problem(Math.max(...group) >= groups, ['group'], `names a group beyond the ${groups} of a sample`),
    ...problem(
      used.length !== groups * 16 || new Set(used).size !== used.length,
      ['channels'],
      'do not use each of the 16 channels of each group once',
    ),
  ];
}

function typeProblems(type: SensorType): Problem[] {
  const { columns, rows, underCols, readCols, overCols, readRows, overRows, pedestal, segments } = type;
  const imageEnd = underCols + readCols;
  return [
    ...problem(columns !== imageEnd + overCols, ['columns'], 'is not underCols + readCols + overCols'),
    ...problem(rows !== readRows + overRows, ['rows'], 'is not readRows + overRows'),
    ...problem(
      pedestal[0] < imageEnd || pedestal[1] > columns || pedestal[0] >= pedestal[1],
      ['pedestal'],
      'is not a part of the serial overscan',
    ),
    ...problem(
      type.datasec !== `[${underCols + 1}:${imageEnd},1:${readRows}]`,
      ['datasec'],
      'is not the imaging region',
    ),
    ...repeated(
      'segment',
      segments.map(({ name }) => name),
      ['segments'],
    ),
    ...repeated(
      'assembled place',
      segments.map(({ assembled }) => assembled.join(',')),
      ['segments'],
    ),
    ...segments.flatMap((segment, i) => under(['segments', i], segmentProblems(type, segment))),
  ];
}

function segmentProblems(type: SensorType, segment: SensorType['segments'][number]): Problem[] {
  const { amplifier, name, detsec, dtv, dtm, assembled } = segment;
  const digits = name.slice(-2);
  const [x, y] = assembled;
  return [
    ...problem(amplifier !== `C${digits}`, ['amplifier'], `is not C${digits}`),
    ...problem(detsec !== detectorSection(type, dtv, dtm), ['detsec'], 'does not follow from DTV and DTM'),
    ...problem(x % type.readCols !== 0 || y % type.readRows !== 0, ['assembled'], 'overlaps its neighbours'),
  ];
}

function tableProblems(table: CrosstalkTable): Problem[] {
  const { linear, quadratic } = table;
  const size = Math.sqrt(linear.length);
  const own = (_: number, i: number) => Math.floor(i / size) === i % size;
  return [
    ...problem(!Number.isInteger(size), ['linear'], 'is not a square matrix'),
    ...problem(quadratic.length !== linear.length, ['quadratic'], `does not have ${linear.length} values`),
    ...problem([...linear.filter(own), ...quadratic.filter(own)].some(Boolean), ['linear'], 'has a diagonal'),
  ];
}

function repeated(what: string, values: readonly (string | number)[], path: Problem['path']): Problem[] {
  const twice = values.find((value, i) => values.indexOf(value) !== i);
  return problem(twice !== undefined, path, `have ${what} ${twice} twice`);
}

function problem(wrong: boolean, path: Problem['path'], message: string): Problem[] {
  return wrong ? [{ path, message }] : [];
}

function under(path: Problem['path'], problems: readonly Problem[]): Problem[] {
  return problems.map((found) => ({ path: [...path, ...found.path], message: found.message }));
}

/** Record lookup that does not find what every object inherits. */
function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
