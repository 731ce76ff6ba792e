import type { FileHandle } from 'node:fs/promises';
import type { Camera } from '../camera/types.js';
import { ArchiverError } from '../model/errors.js';
import { joinSignals } from '../model/signals.js';
import { openCaptured } from './capture/files.js';
import { bareImage, type CapturedImage, CaptureFolder } from './capture/folder.js';
import { NoticeQueue } from './notices.js';
import type { DaqImage, DaqNotice, DaqSource, ImageDescription, ReadRange } from './port.js';
import { checkRange } from './range.js';

/**
 * Captured images on disk, in any form of docs/capture-format.md. The folder is taken as it is when it is listed: a watch by folder brings no image,
 * one by tag finds all sources whole at once. A stream that cannot be read is described and lands like the others; whoever
 * reads it is told what is wrong with it, so that it costs its own REB only.
 */
export class CaptureDaqSource implements DaqSource {
  private readonly folder: CaptureFolder;
  private readonly loaded = new Map<string, Promise<CapturedImage>>();
  private readonly files = new Map<string, Promise<FileHandle>>();
  private readonly closing = new AbortController();
  private names: Map<string, string> | undefined;

  constructor(path: string, camera: Camera) {
    this.folder = new CaptureFolder(path, camera);
  }

  /** An image that cannot be loaded is listed all the same, with what its name tells; `describe` says what is wrong with it. */
  async list(folder = 'raw'): Promise<DaqImage[]> {
    const images: DaqImage[] = [];
    const names = new Map<string, string>();
    for (const name of await this.folder.images()) {
      const image = await this.folder.loadParts(name).then(
        ({ description }) => description.image,
        () => bareImage(name, []),
      );
      names.set(image.tag, name);
      images.push(image);
    }
    this.names = names;
    return images.filter((image) => image.folder === folder).sort(byTrigger);
  }

  async describe(tag: string): Promise<ImageDescription> {
    return (await this.image(tag)).description;
  }

  async *watch(options: {
    readonly folder?: string;
    readonly tag?: string;
    readonly signal: AbortSignal;
  }): AsyncGenerator<DaqNotice> {
    const queue = new NoticeQueue();
    const { tag } = options;
    const streams = tag === undefined ? undefined : (await this.image(tag)).streams;
    queue.push({ type: 'connection', state: 'open' });
    for (const [location, { bytes, crc32 }] of tag === undefined ? [] : (streams ?? [])) {
      const sum = crc32 === undefined ? {} : { crc32 };
      queue.push({ type: 'landed', tag: tag ?? '', location, bytes, done: true, ...sum });
    }
    if (tag !== undefined) queue.close();
    const ended = joinSignals(options.signal, this.closing.signal);
    try {
      yield* queue.iterate(ended.signal);
    } finally {
      ended.release();
    }
  }

  async read(range: ReadRange, into: Uint8Array): Promise<void> {
    checkRange(range, into);
    const { tag, location, offset, length } = range;
    const stream = (await this.image(tag)).streams.get(location);
    if (stream === undefined) throw new ArchiverError('DAQ_NO_SOURCE', { image: tag, location });
    if (stream.problem !== undefined) throw stream.problem;
    if (offset + length > stream.bytes)
      throw new ArchiverError('DAQ_NO_DATA', { image: tag, location, offset, length });
    const file = await this.file(stream.path);
    for (let done = 0; done < length; ) {
      const { bytesRead } = await file.read(into, done, length - done, offset + done);
      // The length was right when the image was loaded: somebody has cut the file since.
      if (bytesRead === 0)
        throw new ArchiverError('CAPTURE_LENGTH', { path: stream.path, actual: offset + done, expected: stream.bytes });
      done += bytesRead;
    }
  }

  async close(): Promise<void> {
    this.closing.abort();
    const files = [...this.files.values()];
    this.files.clear();
    for (const file of files) await file.then((handle) => handle.close()).catch(() => undefined);
  }

  /** Loaded once; an image that could not be loaded is tried again the next time. */
  private async image(tag: string): Promise<CapturedImage> {
    if (this.names === undefined) await this.list();
    const name = this.names?.get(tag);
    if (name === undefined) throw new ArchiverError('DAQ_NO_IMAGE', { image: tag });
    return remember(this.loaded, tag, () => this.folder.loadParts(name));
  }

  private file(path: string): Promise<FileHandle> {
    return remember(this.files, path, () => openCaptured(path));
  }
}

/** The promise under `key`, made when there is none; one that rejects is forgotten. */
function remember<T>(map: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  made.catch(() => map.delete(key));
  return made;
}

function byTrigger(a: DaqImage, b: DaqImage): number {
  const difference = BigInt(a.triggerNs) - BigInt(b.triggerNs);
  return difference === 0n ? a.name.localeCompare(b.name) : difference < 0n ? -1 : 1;
}
