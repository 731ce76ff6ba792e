import { join } from 'node:path';
import { fileSpec } from '../../../src/assemble/file-spec.js';
import type { SealTask } from '../../../src/assemble/jobs.js';
import type {
  Assembler,
  AssemblerStatistics,
  FileJob,
  FinishedFile,
  ImageJob,
  SourcePixels,
} from '../../../src/assemble/port.js';
import { rewriteFile } from '../../../src/assemble/rewrite.js';
import { sourceLayout } from '../../../src/camera/geometry.js';
import type { Camera } from '../../../src/camera/types.js';
import type { DaqSource, DaqSourceInfo } from '../../../src/daq/port.js';
import type { NativeCore } from '../../../src/native/contract.js';
import type { Seal } from '../../../src/stage/port.js';
import { sealFile } from '../../../src/stage/seal.js';

/**
 * The assembler without processes and threads, so that a child of the harness starts in a moment: the addon's bands and files, and the product's
 * headers, on the calling thread.
 */
export class DirectAssembler implements Assembler {
  readonly #native: NativeCore;
  readonly #camera: Camera;
  readonly #daq: DaqSource;
  readonly #open = new Map<string, { readonly handle: number; readonly pixels: SourcePixels }>();

  constructor(native: NativeCore, camera: Camera, daq: DaqSource) {
    this.#native = native;
    this.#camera = camera;
    this.#daq = daq;
  }

  async begin(image: ImageJob): Promise<void> {
    for (const source of image.sources) {
      const key = keyOf(image.obsid, source.location);
      if (!this.#open.has(key)) this.#open.set(key, await this.#pull(image, source));
    }
  }

  async source(obsid: string, location: string): Promise<SourcePixels> {
    return this.#found(obsid, location).pixels;
  }

  async finish(job: FileJob): Promise<FinishedFile> {
    const { pixels, root } = job;
    const { file, omitted, ignored } = fileSpec(job, this.#camera, (cards) => this.#native.sealHeader(cards));
    const written =
      'from' in pixels
        ? await rewriteFile(this.#native, { from: join(root, pixels.from), dataSums: pixels.dataSums, file })
        : await this.#native.finish(this.#found(job.file.obsid, pixels.location).handle, file);
    return { ...written, omitted, ignored };
  }

  async release(obsid: string, location: string): Promise<void> {
    const open = this.#open.get(keyOf(obsid, location));
    this.#open.delete(keyOf(obsid, location));
    if (open !== undefined) this.#native.drop(open.handle);
  }

  async end(obsid: string): Promise<void> {
    for (const key of [...this.#open.keys()]) {
      const [name = '', location = ''] = key.split(' ');
      if (name === obsid) await this.release(obsid, location);
    }
  }

  seal(task: SealTask): Promise<Seal> {
    return sealFile(task, (chunk, seed) => this.#native.dataSum(chunk, seed));
  }

  async statistics(): Promise<AssemblerStatistics> {
    return { ...this.#native.statistics(), rssBytes: process.memoryUsage.rss(), threads: 0 };
  }

  async close(): Promise<void> {
    await this.#daq.close();
  }

  async #pull(image: ImageJob, source: DaqSourceInfo) {
    const { products, compression, tag } = image;
    const { location } = source;
    const layout = sourceLayout(this.#camera, location, { corrected: products.includes('corrected') });
    const handle = this.#native.open({ layout, products, compression });
    const packed = this.#native.inputBuffer(source.expectedBytes).subarray(0, source.expectedBytes);
    await this.#daq.read({ tag, location, offset: 0, length: packed.length }, packed);
    const crc32 = this.#native.band(handle, { first: 0, count: layout.rows }, packed);
    return { handle, pixels: { location, bytes: packed.length, crc32, attempts: 1 } };
  }

  #found(obsid: string, location: string) {
    const open = this.#open.get(keyOf(obsid, location));
    if (open === undefined) throw new Error(`${obsid} ${location} was not begun`);
    return open;
  }
}

const keyOf = (obsid: string, location: string) => `${obsid} ${location}`;
