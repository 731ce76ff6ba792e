import { type FileHandle, mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Camera } from '../../camera/types.js';
import { ArchiverError } from '../../model/errors.js';
import { type CaptureDocument, formatDocument, formatMeta } from './document.js';
import { documentName, streamName } from './names.js';

/**
 * Writes one captured image. Everything stands under temporary names until `publish`, and the document comes last:
 * an image whose document is there is whole.
 */
export class CaptureWriter {
  private readonly temporary = new Map<string, string>();

  constructor(
    private readonly folder: string,
    private readonly camera: Camera,
    private readonly image: string,
  ) {}

  /** Path of an empty temporary file for a source's packed words; any thread may write into it. @throws FOLDER_UNWRITABLE, LOCATION_UNKNOWN */
  async stream(location: string): Promise<string> {
    const path = join(this.folder, `.${process.pid}.${streamName(this.camera, this.image, location, 'raw')}`);
    await this.attempt(async () => {
      await mkdir(this.folder, { recursive: true });
      await (await open(path, 'w')).close();
    });
    this.temporary.set(location, path);
    return path;
  }

  /** Gives every file its name. An earlier capture of the image is replaced. @throws FOLDER_UNWRITABLE, DISK_FULL */
  async publish(document: CaptureDocument): Promise<void> {
    const target = join(this.folder, documentName(this.image));
    await this.attempt(async () => {
      await rm(target, { force: true });
      for (const source of document.sources) {
        const temporary = this.temporary.get(source.location);
        if (temporary === undefined) throw new Error(`no stream of ${source.location} was written`);
        await syncFile(temporary);
        await rename(temporary, this.path(source.location, 'raw'));
        this.temporary.delete(source.location);
        await writeFile(this.path(source.location, 'meta'), formatMeta(source));
      }
      const draft = join(this.folder, `.${process.pid}.${documentName(this.image)}`);
      await writeFile(draft, formatDocument(document), { flush: true });
      await rename(draft, target);
      await syncFile(this.folder);
    });
    await this.discard();
  }

  /** Removes what was not published. */
  async discard(): Promise<void> {
    for (const path of this.temporary.values()) await rm(path, { force: true });
    this.temporary.clear();
  }

  private path(location: string, extension: 'raw' | 'meta'): string {
    return join(this.folder, streamName(this.camera, this.image, location, extension));
  }

  private async attempt(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      throw error instanceof ArchiverError ? error : writeError(this.folder, error);
    }
  }
}

/** DISK_FULL or FOLDER_UNWRITABLE for an error of the file system. */
export function writeError(path: string, error: unknown): ArchiverError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return new ArchiverError('DISK_FULL', { path }, { cause: error });
  return new ArchiverError('FOLDER_UNWRITABLE', { path, reason: code ?? message }, { cause: error });
}

async function syncFile(path: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    await handle.sync();
  } finally {
    await handle?.close();
  }
}
