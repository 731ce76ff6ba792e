import { z } from 'zod';
import { ArchiverError } from '../../model/errors.js';
import { parseObsId } from '../../model/ids.js';
import type { DaqSourceInfo, ImageDescription } from '../port.js';
import { cameraEvent } from '../wire/messages.js';

/** A source's stream as it was captured. */
export interface CapturedSource extends DaqSourceInfo {
  /** Bytes in the .raw file. */
  readonly bytes: number;
  /** CRC-32 of them. */
  readonly crc32: number;
}

/** `<image>.json`: everything that is known of a captured image besides its pixels (docs/capture-format.md). */
export interface CaptureDocument extends Omit<ImageDescription, 'sources'> {
  /** Name of the camera data that its geometry follows. */
  readonly camera: string;
  readonly sources: readonly CapturedSource[];
}

const FORMAT = 'ccarchiver capture';
const VERSION = 1;
const decimal = z.string().regex(/^\d{1,20}$/);
const hex = z.string().regex(/^[0-9a-f]{1,16}$/);
const location = z.string().regex(/^[0-4][0-4]\/[0-2]$/);
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const isoTime = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$/);
const shortText = z.string().max(63);
const version = z.object({
  tag: z.string().max(31),
  buildTimeNs: decimal,
  hash: z.string().regex(/^[0-9a-f]{8}$/),
  dirty: z.boolean(),
});
const register = z.object({ address: z.int().min(0).max(0xffffff), value: z.int().min(0).max(0xffffffff) });

const source = z.object({
  location,
  expectedBytes: z.int().min(0),
  sensorType: z.union([z.literal(1), z.literal(2), z.literal(3)]),
  firmware: hex,
  serial: hex,
  platform: z.string().max(31),
  version,
  registers: z.array(register).max(16),
  bytes: z.int().min(0),
  crc32: z.string().regex(/^[0-9a-f]{8}$/),
});

const document = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  camera: z.string().regex(/^[a-z0-9]{1,32}$/),
  image: z.object({
    tag: hex,
    name: shortText,
    folder: shortText,
    annotation: shortText,
    triggerNs: decimal,
    opcode: z.int(),
    version,
    locations: z.array(location),
  }),
  sources: z.array(source),
  absent: z.array(z.string().regex(/^R[0-4][0-4]_S[0-2GW][0-2]$/)),
  events: z.array(cameraEvent),
  conditions: z.record(z.string(), z.record(z.string(), scalar)),
  createdAt: isoTime.optional(),
});

/** @throws CAPTURE_INVALID, IMAGE_NAME_INVALID; `path` is for the error's sentence. */
export function parseDocument(path: string, image: string, text: string): CaptureDocument {
  const result = document.safeParse(parseJson(path, text));
  if (!result.success) {
    const issue = result.error.issues[0];
    throw invalid(path, `${issue?.path.join('.') || 'document'}: ${issue?.message ?? 'not valid'}`);
  }
  const { format: _format, version: _version, createdAt, ...rest } = result.data;
  if (parseObsId(rest.image.name).text !== image) throw invalid(path, `it describes ${rest.image.name}`);
  if (new Set(rest.sources.map((one) => one.location)).size !== rest.sources.length)
    throw invalid(path, 'a source stands there twice');
  const outside = rest.sources.find((one) => !rest.image.locations.includes(one.location));
  if (outside !== undefined) throw invalid(path, `source ${outside.location} is not among the image's locations`);
  const sources = rest.sources.map((one) => ({ ...one, crc32: Number.parseInt(one.crc32, 16) }));
  return { ...rest, sources, ...(createdAt === undefined ? {} : { createdAt }) };
}

export function formatDocument(capture: CaptureDocument): string {
  const sources = capture.sources.map((one) => ({ ...one, crc32: one.crc32.toString(16).padStart(8, '0') }));
  const { camera, image, absent, events, conditions, createdAt } = capture;
  return `${JSON.stringify({ format: FORMAT, version: VERSION, camera, image, sources, absent, events, conditions, createdAt }, null, 2)}\n`;
}

/** `.meta`: the values of the registers, as the camera's own tool writes them: `[a, b, c]`. */
export function formatMeta(source: DaqSourceInfo): string {
  return `[${source.registers.map(({ value }) => value).join(', ')}]\n`;
}

/** Values of a `.meta`, without addresses: which register each belongs to is not recorded there. @throws CAPTURE_INVALID */
export function parseMeta(path: string, text: string): number[] {
  const match = /^\[\s*((?:-?\d{1,10}(?:\s*,\s*-?\d{1,10})*)?)\s*\]\s*$/.exec(text);
  if (match === null) throw invalid(path, 'it is no list of register values such as [0, 3, 509]');
  return match[1] === '' ? [] : (match[1] ?? '').split(',').map(Number);
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid(path, 'it is no JSON');
  }
}

function invalid(path: string, problem: string): ArchiverError {
  return new ArchiverError('CAPTURE_INVALID', { path, problem });
}
