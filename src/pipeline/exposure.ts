import type { CameraEvent } from '../daq/port.js';
import type { ExposureFacts, FactValue } from '../fits/facts.js';

type Fields = Readonly<Record<string, FactValue>>;

/** Fields of the exposure request that have a place of their own in ExposureFacts; others go to `additional` as keywords. */
const NAMED = new Set(['imageType', 'testType', 'groupId', 'program', 'reason']);

/** What the camera's events say about one exposure; a later event wins. */
export function exposureFacts(events: readonly CameraEvent[]): ExposureFacts {
  const fields: Fields = Object.assign(
    {},
    ...events.map((event) => ({ ...requestKeys(event.fields), ...event.fields })),
  );
  const timeOf = (type: CameraEvent['type']) => events.findLast((event) => event.type === type)?.time ?? null;
  return {
    startIntegration: timeOf('startIntegration'),
    endIntegration: timeOf('endIntegration'),
    imageType: text(fields.imageType),
    testType: text(fields.testType),
    groupId: text(fields.groupId),
    program: text(fields.program),
    reason: text(fields.reason),
    curIndex: number(fields.imageIndex),
    maxIndex: number(fields.imagesInSequence),
    exposureTime: number(fields.exposureTime),
    darkTime: number(fields.darkTime),
    stutter: stutter(fields),
    additional: additional(events),
  };
}

/** Obsid of the stored image that the DAQ plays again; null for a real exposure. */
export function emulatedImage(events: readonly CameraEvent[]): string | null {
  const said = events.findLast(({ fields }) => fields.emulatedImage)?.fields.emulatedImage;
  return text(said);
}

/** additionalKeys and additionalValues are colon-separated lists of the same length; a colon inside a value is escaped by a backslash. */
function requestKeys(fields: Fields): Fields {
  const keys = split(fields.additionalKeys);
  const values = split(fields.additionalValues);
  return Object.fromEntries(keys.map((key, index) => [key, values[index] ?? null]));
}

function additional(events: readonly CameraEvent[]): Fields {
  const keys: Fields = Object.assign({}, ...events.map((event) => requestKeys(event.fields)));
  return Object.fromEntries(Object.entries(keys).filter(([key]) => !NAMED.has(key)));
}

function stutter(fields: Fields): ExposureFacts['stutter'] {
  const [rows, delay, nShifts] = [fields.stutterRows, fields.stutterDelay, fields.stutterNShifts].map(number);
  if (rows === undefined || rows === null) return null;
  return { rows, delay: delay ?? 0, nShifts: nShifts ?? 0 };
}

function split(value: FactValue | undefined): string[] {
  if (typeof value !== 'string' || value === '') return [];
  return value.split(/(?<!\\):/).map((part) => part.replaceAll('\\:', ':'));
}

function text(value: FactValue | undefined): string | null {
  return value === undefined || value === null ? null : String(value);
}

function number(value: FactValue | undefined): number | null {
  const result = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof result === 'number' && Number.isFinite(result) ? result : null;
}
