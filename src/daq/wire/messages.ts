import { z } from 'zod';
import { ArchiverError, type ErrorCode } from '../../model/errors.js';
import { FRAME, protocolError } from './frame.js';

/** Request ids are chosen by the client, 1 to 2^32 - 1, each once per connection; 0 stands for no request. */
const request = z.int().min(1).max(0xffffffff);
/** A 64-bit image id as lower-case hex without padding. */
const imageTag = z.string().regex(/^(?:0|[1-9a-f][0-9a-f]{0,15})$/);
const location = z.string().regex(/^[0-4][0-4]\/[0-2]$/);
const folder = z.string().min(1).max(63);
/** Requests may name any image and any location: what does not exist is answered, and ends nothing. */
const anyImage = z.string().max(63);
const anyLocation = z.string().max(63);
const byteCount = z.int().min(0);
const crc32 = z.int().min(0).max(0xffffffff);
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const hello = z.object({ request, version: z.int() });
const list = z.object({ request, folder });
/** With `image`, only notices of that image, beginning with the state of its sources. `events` asks for camera events too. */
const subscribe = z.object({ request, folder: folder.optional(), image: anyImage.optional(), events: z.boolean() });
const sources = z.object({ request, image: anyImage });
const read = z.object({
  request,
  image: anyImage,
  location: anyLocation,
  offset: byteCount,
  length: z.int().min(1).max(0x7fffffff),
});

/** Exactly one of them ends a request, besides HELLO's reply and ERROR. */
const end = z.object({
  request,
  events: z.array(z.lazy(() => cameraEvent)).optional(),
  conditions: z.record(z.string(), z.record(z.string(), scalar)).optional(),
  absent: z.array(z.string()).optional(),
  createdAt: z.string().optional(),
});

/** A camera event, as EVENT and END carry it and captures store it. */
export const cameraEvent = z.object({
  type: z.enum(['startIntegration', 'endIntegration', 'startReadout', 'endReadout', 'endOfImageTelemetry']),
  imageName: z.string(),
  time: z.string(),
  fields: z.record(z.string(), scalar),
});

const helloReply = z.object({ request, version: z.int(), program: z.string() });
const landed = z.object({
  image: imageTag,
  location,
  bytes: byteCount,
  done: z.boolean().optional(),
  crc32: crc32.optional(),
});
const error = z.object({
  request: z.int().min(0).max(0xffffffff),
  code: z.int().min(64).max(69),
  name: z.string(),
  message: z.string(),
});
const event = z.object({ image: imageTag, event: cameraEvent });

const SCHEMAS = {
  [FRAME.HELLO]: hello,
  [FRAME.LIST]: list,
  [FRAME.SUBSCRIBE]: subscribe,
  [FRAME.SOURCES]: sources,
  [FRAME.READ]: read,
  [FRAME.HELLO_REPLY]: helloReply,
  [FRAME.LANDED]: landed,
  [FRAME.ERROR]: error,
  [FRAME.EVENT]: event,
  [FRAME.END]: end,
} as const;

export type ControlType = keyof typeof SCHEMAS;
export type ControlMessage<T extends ControlType> = z.output<(typeof SCHEMAS)[T]>;
export type SubscribeMessage = ControlMessage<typeof FRAME.SUBSCRIBE>;
export type ReadMessage = ControlMessage<typeof FRAME.READ>;
export type LandedMessage = ControlMessage<typeof FRAME.LANDED>;
export type EndMessage = ControlMessage<typeof FRAME.END>;

/** Parses and checks the JSON of a control frame; unknown members are dropped. @throws DAQ_PROTOCOL */
export function decodeControl<T extends ControlType>(type: T, payload: Buffer): ControlMessage<T> {
  let value: unknown;
  try {
    value = JSON.parse(payload.toString('utf8'));
  } catch {
    throw protocolError(`the payload of a type ${type} frame is no JSON`);
  }
  const result = SCHEMAS[type].safeParse(value);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw protocolError(`type ${type} frame, ${issue?.path.join('.') || 'payload'}: ${issue?.message ?? 'not valid'}`);
  }
  return result.data as ControlMessage<T>;
}

/** Error codes of the DAQ's image store and ours. */
const DAQ_ERRORS = [
  [64, 'INVALID_REQUEST', 'DAQ_INVALID_REQUEST'],
  [65, 'NOSUCH_IMAGE', 'DAQ_NO_IMAGE'],
  [66, 'NOSUCH_SOURCE', 'DAQ_NO_SOURCE'],
  [67, 'NOMORE_FREESPACE', 'DAQ_NO_SPACE'],
  [68, 'TIMEOUT', 'DAQ_TIMEOUT'],
  [69, 'NOSUCH_DATA', 'DAQ_NO_DATA'],
] as const satisfies readonly (readonly [number, string, ErrorCode])[];

/** ERROR payload of an error; whatever has no code of its own is 64. `request` 0: no request can be named. */
export function errorMessage(request: number, failure: ArchiverError): ControlMessage<typeof FRAME.ERROR> {
  const [code, name] = DAQ_ERRORS.find((row) => row[2] === failure.code) ?? DAQ_ERRORS[0];
  return { request, code, name, message: failure.message };
}

/** Our error for a DAQ error code; `details` describe the request that failed. */
export function fromErrorMessage(
  message: ControlMessage<typeof FRAME.ERROR>,
  details: Readonly<Record<string, string | number>>,
): ArchiverError {
  const [, , code] = DAQ_ERRORS.find((row) => row[0] === message.code) ?? DAQ_ERRORS[0];
  return new ArchiverError(code, { problem: message.message, ...details });
}
