import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { Camera } from '../../camera/types.js';
import { ArchiverError, asArchiverError } from '../../model/errors.js';
import type { DaqSource, DaqSourceInfo, ImageDescription, ImageTag } from '../port.js';
import type { CapturedSource } from './document.js';
import { CaptureWriter, writeError } from './writer.js';

export interface DownloadOptions {
  readonly daq: DaqSource;
  readonly camera: Camera;
  /** Folder of the captures. */
  readonly out: string;
  /** Seconds without a new byte after which a source is given up. */
  readonly patience: number;
  readonly onProgress: (bytes: number, of: number) => void;
}

/** Bytes asked for at once: ten DAQ pages. */
const BLOCK_BYTES = 1_950_720;
const ATTEMPTS = 3;
/** How long the camera's last event may come after the last pixel. */
const TELEMETRY_MS = 5_000;
const TELEMETRY_STEP_MS = 100;

/**
 * Captures an image from a DAQ while it lands. A source that does not become whole is left out, the others are captured.
 * @returns what went wrong with the sources that are left out
 * @throws when nothing could be captured
 */
export async function downloadImage(tag: ImageTag, options: DownloadOptions): Promise<ArchiverError[]> {
  const { daq, camera, out } = options;
  const { image, sources } = await daq.describe(tag);
  const writer = new CaptureWriter(out, camera, image.name);
  const total = sources.reduce((sum, source) => sum + source.expectedBytes, 0);
  let done = 0;
  const onBytes = (bytes: number) => {
    done += bytes;
    options.onProgress(done, total);
  };
  try {
    const results = await Promise.allSettled(
      sources.map((source) => new SourceDownload(tag, image.name, source, options).run(writer, onBytes)),
    );
    const captured = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const failures = results.flatMap((result) =>
      result.status === 'rejected' ? [asArchiverError(result.reason)] : [],
    );
    if (captured.length === 0 && failures[0] !== undefined) throw failures[0];
    await writer.publish({ ...(await finalDescription(daq, tag)), camera: camera.name, sources: captured });
    return failures;
  } finally {
    await writer.discard();
  }
}

/** With the camera's last event, if it comes. */
async function finalDescription(daq: DaqSource, tag: ImageTag): Promise<ImageDescription> {
  const until = performance.now() + TELEMETRY_MS;
  for (;;) {
    const description = await daq.describe(tag);
    const over = description.events.some(({ type }) => type === 'endOfImageTelemetry');
    if (over || description.events.length === 0 || performance.now() > until) return description;
    await new Promise((resolve) => setTimeout(resolve, TELEMETRY_STEP_MS));
  }
}

/** One source on its way into its file: follows what has landed, and reads it block by block. */
class SourceDownload {
  private written = 0;
  private sum = 0;

  constructor(
    private readonly tag: ImageTag,
    private readonly image: string,
    private readonly source: DaqSourceInfo,
    private readonly options: DownloadOptions,
  ) {}

  /** @throws SOURCE_TRUNCATED, SOURCE_EMPTY, SOURCE_CRC, DAQ_*, FOLDER_UNWRITABLE, DISK_FULL */
  async run(writer: CaptureWriter, onBytes: (bytes: number) => void): Promise<CapturedSource> {
    const path = await writer.stream(this.source.location);
    const file = await open(path, 'r+');
    try {
      const whole = await this.follow(file, path, onBytes);
      this.check(whole);
    } finally {
      await file.close();
    }
    return { ...this.source, bytes: this.written, crc32: this.sum };
  }

  private async follow(
    file: FileHandle,
    path: string,
    onBytes: (bytes: number) => void,
  ): Promise<{ crc32?: number } | undefined> {
    const { location } = this.source;
    const stop = new AbortController();
    let patience: NodeJS.Timeout | undefined;
    const wait = () => {
      clearTimeout(patience);
      patience = setTimeout(() => stop.abort(), this.options.patience * 1000);
    };
    wait();
    try {
      for await (const notice of this.options.daq.watch({ tag: this.tag, signal: stop.signal })) {
        if (notice.type !== 'landed' || notice.location !== location) continue;
        clearTimeout(patience);
        await this.readUpTo(notice.bytes, notice.done, file, path, onBytes);
        if (notice.done) return notice;
        wait();
      }
    } finally {
      clearTimeout(patience);
    }
    return undefined;
  }

  /** Whole blocks while more is to come, everything when it is not. */
  private async readUpTo(
    landed: number,
    last: boolean,
    file: FileHandle,
    path: string,
    onBytes: (bytes: number) => void,
  ): Promise<void> {
    const end = Math.min(landed, this.source.expectedBytes);
    const buffer = new Uint8Array(BLOCK_BYTES);
    while (this.written < end && (last || end - this.written >= BLOCK_BYTES)) {
      const block = buffer.subarray(0, Math.min(BLOCK_BYTES, end - this.written));
      await this.read(block);
      await file.writeFile(block).catch((error: unknown) => {
        throw writeError(path, error);
      });
      this.sum = crc32(block, this.sum);
      this.written += block.length;
      onBytes(block.length);
    }
  }

  private async read(into: Uint8Array): Promise<void> {
    const range = { tag: this.tag, location: this.source.location, offset: this.written, length: into.length };
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.options.daq.read(range, into);
      } catch (error) {
        if (!asArchiverError(error).retryable || attempt === ATTEMPTS) throw error;
      }
    }
  }

  private check(whole: { readonly crc32?: number } | undefined): void {
    const { location, expectedBytes: expected } = this.source;
    const details = { location, image: this.image };
    if (whole !== undefined && this.written === 0) throw new ArchiverError('SOURCE_EMPTY', details);
    if (whole === undefined || this.written < expected) {
      throw new ArchiverError('SOURCE_TRUNCATED', { ...details, bytes: this.written, expected });
    }
    if (whole.crc32 === undefined || whole.crc32 === this.sum) return;
    const hex = (sum: number) => sum.toString(16).padStart(8, '0');
    throw new ArchiverError('SOURCE_CRC', { ...details, actual: hex(this.sum), expected: hex(whole.crc32) });
  }
}
