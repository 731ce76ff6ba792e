import { createReadStream } from 'node:fs';
import { crc32 } from 'node:zlib';
import { fileError } from '../capture/files.js';
import type { CapturedImage, CapturedStream, CaptureFolder } from '../capture/folder.js';
import { tagOfName } from '../capture/names.js';
import type { ImageDescription } from '../port.js';
import type { Catalogue } from './catalogue.js';
import type { FaultScript, SourceFaults } from './faults.js';
import { LiveImage, type LiveSource } from './live-image.js';
import type { Take } from './playlist.js';

/** Makes images that can be taken out of those in a capture folder, with what the fault script does to them. */
export class Store {
  constructor(
    private readonly folder: CaptureFolder,
    private readonly faults: FaultScript,
  ) {}

  /** Stored images by name, or all. @throws CAPTURE_INVALID, FILE_MISSING and the other errors of captures */
  async names(wanted?: readonly string[]): Promise<readonly string[]> {
    const names = wanted ?? (await this.folder.images());
    for (const name of names) await this.folder.load(name);
    return names;
  }

  async prepare(take: Take, catalogue: Catalogue): Promise<LiveImage> {
    const stored = await this.folder.load(take.stored);
    const missing = (location: string) => this.faults.of(take.name, location).get('missing') !== undefined;
    const sources: LiveSource[] = [];
    for (const [location, stream] of stored.streams) {
      if (missing(location)) continue;
      sources.push(await liveSource(location, stream, this.faults.of(take.name, location)));
    }
    const publish = catalogue.publish.bind(catalogue);
    const image = new LiveImage(descriptionOf(stored, take, missing), sources, publish);
    catalogue.add(image);
    return image;
  }
}

/** The times of the stored image give way to those of this exposure. */
function descriptionOf(stored: CapturedImage, take: Take, missing: (location: string) => boolean): ImageDescription {
  const { createdAt: _createdAt, ...description } = stored.description;
  const { image, sources, conditions } = description;
  const again = take.name !== take.stored;
  const emulated = again ? { ...conditions, '*': { ...conditions['*'], EMUIMAGE: take.stored } } : conditions;
  return {
    ...description,
    image: {
      ...image,
      name: take.name,
      tag: again ? tagOfName(take.name) : image.tag,
      locations: image.locations.filter((location) => !missing(location)),
    },
    sources: sources.filter(({ location }) => !missing(location)),
    events: [],
    conditions: emulated,
  };
}

async function liveSource(location: string, stream: CapturedStream, faults: SourceFaults): Promise<LiveSource> {
  const cut = faults.get('truncate');
  const total = faults.get('empty') === undefined ? Math.min(cut?.at ?? stream.bytes, stream.bytes) : 0;
  const whole = total === stream.bytes ? stream.crc32 : undefined;
  return {
    location,
    path: stream.path,
    expectedBytes: stream.bytes,
    total,
    crc32: whole ?? (await sumOf(stream.path, total)),
    announcesEnd: cut?.done ?? true,
    faults,
    landed: 0,
    done: false,
  };
}

/** CRC-32 of the first `bytes` of a file. */
async function sumOf(path: string, bytes: number): Promise<number> {
  if (bytes === 0) return 0;
  let sum = 0;
  try {
    for await (const chunk of createReadStream(path, { end: bytes - 1, highWaterMark: 1024 * 1024 })) {
      sum = crc32(chunk as Buffer, sum);
    }
  } catch (error) {
    throw fileError(path, error);
  }
  return sum;
}
