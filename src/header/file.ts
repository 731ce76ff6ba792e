import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock, type Timer } from '../model/clock.js';
import { ArchiverError } from '../model/errors.js';
import type { HeaderPackage } from '../model/header-package.js';
import { parseObsId } from '../model/ids.js';
import { joinSignals } from '../model/signals.js';
import { MAX_PACKAGE_BYTES } from './parse.js';
import { PackageParser } from './parser.js';
import { type Look, pollPackage } from './poll.js';
import type { HeaderSource } from './port.js';

const EXTENSIONS = ['.yaml', '.header', '.json'] as const;
/** A file that was last written longer ago is whole; so long that the clocks of its writer and of this machine may differ by seconds. */
const SETTLED_MS = 60_000;

export interface FileHeaderOptions {
  readonly timer?: Timer;
  readonly everyMs?: number;
  /** All packages that will ever be are in the folder. Default: they still come. */
  readonly isComplete?: boolean;
}

/** Header packages that a service writes into a folder as <obsid>.yaml, .header or .json. */
export class FileHeaderSource implements HeaderSource {
  private readonly stop = new AbortController();
  private readonly parser = new PackageParser();

  constructor(
    private readonly folder: string,
    private readonly options: FileHeaderOptions = {},
  ) {}

  /** With the certainty that there is such a folder. @throws ArchiverError FILE_MISSING, FILE_UNREADABLE */
  static async open(folder: string, options: FileHeaderOptions): Promise<FileHeaderSource> {
    const details = { path: folder, reason: 'it is no folder' };
    try {
      if ((await stat(folder)).isDirectory()) return new FileHeaderSource(folder, options);
    } catch (cause) {
      const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
      throw new ArchiverError(
        reason === 'ENOENT' ? 'FILE_MISSING' : 'FILE_UNREADABLE',
        { ...details, reason },
        { cause },
      );
    }
    throw new ArchiverError('FILE_UNREADABLE', details);
  }

  async fetch(obsid: string, options: { readonly signal: AbortSignal }): Promise<HeaderPackage> {
    // The file name is made from the parsed parts, so no name from outside can leave the folder.
    const name = parseObsId(obsid).text;
    const timer = this.options.timer ?? systemClock;
    const { signal, release } = joinSignals(options.signal, this.stop.signal);
    return pollPackage({
      obsid: name,
      signal,
      timer,
      parser: this.parser,
      everyMs: this.options.everyMs ?? 100,
      isComplete: this.options.isComplete ?? false,
      look: () => this.look(name, timer),
    }).finally(release);
  }

  async close(): Promise<void> {
    this.stop.abort();
    await this.parser.close();
  }

  private async look(name: string, timer: Timer): Promise<Look | null> {
    for (const extension of EXTENSIONS) {
      const path = join(this.folder, `${name}${extension}`);
      const file = await openIfThere(path);
      if (file === null) continue;
      try {
        return await readPackage(file, path, timer);
      } finally {
        await file.close();
      }
    }
    return null;
  }
}

async function readPackage(file: FileHandle, path: string, timer: Timer): Promise<Look> {
  const { size, mtimeMs } = await file.stat();
  if (size > MAX_PACKAGE_BYTES) throw refuse(path, `it has ${size} bytes, at most ${MAX_PACKAGE_BYTES} are read`);
  const bytes = new Uint8Array(size);
  const { bytesRead } = await file.read(bytes, 0, size, 0);
  const settled = timer.nowUtcMs() - mtimeMs > SETTLED_MS;
  return { text: Buffer.from(bytes.buffer, 0, bytesRead).toString('utf8'), where: path, settled };
}

/** A link could lead out of the folder and a pipe would block for ever, so both are refused. */
async function openIfThere(path: string): Promise<FileHandle | null> {
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw refuse(path, code === 'ELOOP' ? 'it is a symbolic link' : `it cannot be read (${code})`);
  }
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw refuse(path, 'it is no regular file');
}

function refuse(where: string, problem: string): ArchiverError {
  return new ArchiverError('HEADER_INVALID', { where, problem });
}
