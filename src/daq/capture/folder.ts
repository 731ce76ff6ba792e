import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  checkRegisters,
  readoutOf,
  readoutRegisters,
  rebByLocation,
  rebSensorType,
  sourceLayout,
  sourceLength,
} from '../../camera/geometry.js';
import type { Camera } from '../../camera/types.js';
import { ArchiverError, asArchiverError } from '../../model/errors.js';
import { parseObsId } from '../../model/ids.js';
import type { DaqImage, DaqSourceInfo, ImageDescription } from '../port.js';
import { type CaptureDocument, parseDocument, parseMeta } from './document.js';
import { capturedBytes, fileError, readCapturedText } from './files.js';
import { bareName, documentName, parseCaptureFile, streamName, tagOfName } from './names.js';

/** The file that holds one source's packed words. */
export interface CapturedStream {
  readonly path: string;
  /** What its geometry needs. */
  readonly bytes: number;
  /** Why it cannot be read: it is not there, is no regular file, or has another length. */
  readonly problem?: ArchiverError;
  /** Absent where only packed words were captured. */
  readonly crc32?: number;
  /** Register values of a `.meta` that stands alone: kept, but not interpreted, because their addresses are not recorded. */
  readonly unnamedRegisters?: readonly number[];
}

/** A captured image, checked: every stream has the length of its geometry, or says what is wrong with it. */
export interface CapturedImage {
  readonly description: ImageDescription;
  readonly streams: ReadonlyMap<string, CapturedStream>;
}

const NO_VERSION = { tag: '', buildTimeNs: '0', hash: '00000000', dirty: false };

/** A folder of captured images in any of the three forms (docs/capture-format.md); a document wins over bare streams of the same image. */
export class CaptureFolder {
  constructor(
    readonly path: string,
    readonly camera: Camera,
  ) {}

  /** Names of its images in ascending order. @throws FILE_MISSING, FILE_UNREADABLE, CAPTURE_INVALID when it holds none. */
  async images(): Promise<string[]> {
    const names = new Set<string>();
    for (const file of await this.files()) {
      const parsed = parseCaptureFile(this.camera, file);
      if (parsed !== undefined) names.add(parsed.image);
    }
    if (names.size === 0) {
      throw new ArchiverError('CAPTURE_INVALID', {
        path: this.path,
        problem: `it holds no image of ${this.camera.name}`,
      });
    }
    return [...names].sort();
  }

  /** An image all of whose streams are sound. @throws CAPTURE_INVALID, CAPTURE_LENGTH, GEOMETRY_MISMATCH, LOCATION_UNKNOWN, FILE_MISSING, FILE_UNREADABLE */
  async load(image: string): Promise<CapturedImage> {
    const loaded = await this.loadParts(image);
    for (const { problem } of loaded.streams.values()) if (problem !== undefined) throw problem;
    return loaded;
  }

  /** As `load`, but a stream that cannot be read costs nothing but itself: it carries its `problem`. */
  async loadParts(image: string): Promise<CapturedImage> {
    const path = join(this.path, documentName(image));
    const text = await readCapturedText(path);
    return text === undefined ? this.loadStreams(image) : this.loadDocument(path, parseDocument(path, image, text));
  }

  private async loadDocument(path: string, document: CaptureDocument): Promise<CapturedImage> {
    const { camera, sources, ...rest } = document;
    if (camera !== this.camera.name) {
      const problem = `it is of camera ${camera}, not of ${this.camera.name}`;
      throw new ArchiverError('CAPTURE_INVALID', { path, problem });
    }
    const streams = new Map<string, CapturedStream>();
    for (const source of sources) {
      this.checkGeometry(source);
      const file = join(this.path, streamName(this.camera, rest.image.name, source.location, 'raw'));
      const stream = await checkLength(file, source.expectedBytes);
      const isOther = source.bytes !== source.expectedBytes && stream.problem === undefined;
      const recorded = isOther ? { problem: lengthError(file, source.bytes, source.expectedBytes) } : {};
      streams.set(source.location, { ...stream, ...recorded, crc32: source.crc32 });
    }
    const infos = sources.map(({ bytes: _bytes, crc32: _crc32, ...info }) => info);
    return { description: { ...rest, sources: infos }, streams };
  }

  private checkGeometry(source: DaqSourceInfo): void {
    const { location, expectedBytes } = source;
    const { reb } = rebByLocation(this.camera, location);
    checkRegisters(rebSensorType(this.camera, reb), source.registers, location);
    const expected = sourceLength(sourceLayout(this.camera, location));
    if (expectedBytes === expected) return;
    throw new ArchiverError('GEOMETRY_MISMATCH', {
      location,
      actual: `${expectedBytes} bytes`,
      expected: `${expected} bytes`,
    });
  }

  /** Packed words alone: geometry and serial numbers come from the camera data, by location. */
  private async loadStreams(image: string): Promise<CapturedImage> {
    const streams = new Map<string, CapturedStream>();
    for (const file of await this.files()) {
      const parsed = parseCaptureFile(this.camera, file);
      if (parsed?.image !== image || parsed.kind === 'document') continue;
      if (!streams.has(parsed.location) || parsed.kind === 'raw') {
        streams.set(parsed.location, await this.loadStream(image, parsed.location, parsed.kind));
      }
    }
    if (streams.size === 0) throw new ArchiverError('FILE_MISSING', { path: join(this.path, documentName(image)) });
    const sources = [...streams.keys()].sort().map((location) => this.sourceFromCamera(location));
    const description = { image: bareImage(image, sources), sources, events: [], conditions: {}, absent: [] };
    return { description, streams };
  }

  private async loadStream(image: string, location: string, kind: 'raw' | 'bare'): Promise<CapturedStream> {
    const name = kind === 'raw' ? streamName(this.camera, image, location, 'raw') : bareName(image, location);
    const path = join(this.path, name);
    const stream = await checkLength(path, sourceLength(sourceLayout(this.camera, location)));
    if (kind === 'bare') return stream;
    const meta = join(this.path, streamName(this.camera, image, location, 'meta'));
    const text = await readCapturedText(meta);
    return text === undefined ? stream : { ...stream, unnamedRegisters: parseMeta(meta, text) };
  }

  private sourceFromCamera(location: string): DaqSourceInfo {
    const { reb } = rebByLocation(this.camera, location);
    return {
      location,
      expectedBytes: sourceLength(sourceLayout(this.camera, location)),
      sensorType: readoutOf(this.camera, reb).sensorType,
      firmware: '0',
      serial: reb.serial ?? '0',
      platform: '',
      version: NO_VERSION,
      registers: readoutRegisters(rebSensorType(this.camera, reb)),
    };
  }

  private async files(): Promise<string[]> {
    try {
      return (await readdir(this.path)).sort();
    } catch (error) {
      throw fileError(this.path, error);
    }
  }
}

/** Only the day of such an image is known: its trigger time is the start of its observing day, 12:00:00 TAI. */
export function bareImage(name: string, sources: readonly DaqSourceInfo[]): DaqImage {
  const { dayobs } = parseObsId(name);
  const noon = Date.UTC(Number(dayobs.slice(0, 4)), Number(dayobs.slice(4, 6)) - 1, Number(dayobs.slice(6)), 12);
  return {
    tag: tagOfName(name),
    name,
    folder: 'raw',
    annotation: '',
    triggerNs: (BigInt(noon) * 1_000_000n).toString(),
    opcode: 0,
    version: NO_VERSION,
    locations: sources.map(({ location }) => location),
  };
}

async function checkLength(path: string, expected: number): Promise<CapturedStream> {
  const stream = { path, bytes: expected };
  try {
    const size = await capturedBytes(path);
    return size === expected ? stream : { ...stream, problem: lengthError(path, size, expected) };
  } catch (error) {
    return { ...stream, problem: asArchiverError(error) };
  }
}

function lengthError(path: string, actual: number, expected: number): ArchiverError {
  return new ArchiverError('CAPTURE_LENGTH', { path, actual, expected });
}
