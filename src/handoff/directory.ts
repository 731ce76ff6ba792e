import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ArchiverError } from '../model/errors.js';
import { revisionFolder } from '../model/ids.js';
import type { Delivery, StagedFile } from './port.js';
import { PRIVATE_FOLDER, Publisher, type PublishMode } from './publisher.js';

/** A folder that consumers read, and where files go that cannot have their name there. */
export interface DirectoryOptions {
  readonly root: string;
  /** Mode of new folders below root. */
  readonly folderMode: number;
  readonly quarantine: string;
}

export interface LinkedDirectoryOptions extends DirectoryOptions {
  readonly mode: PublishMode;
}

/** Delivers into one folder tree: `<root>/<relative>.json`, then `.fits`. */
export class DirectoryTarget {
  readonly #name: string;
  readonly #options: LinkedDirectoryOptions;
  readonly #publisher: Publisher;
  readonly #quarantine: Publisher;

  constructor(name: string, options: LinkedDirectoryOptions) {
    const { root, folderMode, quarantine } = options;
    this.#name = name;
    this.#options = options;
    this.#publisher = new Publisher({ folderMode, temporary: temporaryBeside(root) });
    this.#quarantine = new Publisher({ folderMode: PRIVATE_FOLDER, temporary: temporaryBeside(quarantine) });
  }

  /** @throws ArchiverError as Publisher.place does */
  async deliver(file: StagedFile): Promise<Delivery> {
    const name = join(this.#options.root, nameOf(file));
    const { mode } = this.#options;
    const sidecar = await this.#publisher.place({ source: file.sidecarPath, name: `${name}.json`, mode });
    // A consumer that sees the file must never read another file's sidecar with it.
    if (sidecar.is === 'other') return await this.#conflict(file);
    const { sha256 } = file.seal;
    const fits = await this.#publisher.place({ source: file.path, name: `${name}.fits`, mode, sha256 });
    if (fits.is === 'other') return await this.#conflict(file);
    await this.#publisher.sync(name);
    return { outcome: 'delivered', uri: this.uriOf(file), copy: fits.copy };
  }

  /** Absolute path of the FITS file at the target. */
  pathOf(file: StagedFile): string {
    return join(this.#options.root, `${nameOf(file)}.fits`);
  }

  uriOf(file: StagedFile): string {
    return pathToFileURL(this.pathOf(file)).href;
  }

  async #conflict(file: StagedFile): Promise<Delivery> {
    const aside = join(this.#options.quarantine, this.#name, nameOf(file));
    await this.#quarantine.setAside(file.sidecarPath, `${aside}.json`);
    const asidePath = await this.#quarantine.setAside(file.path, `${aside}.fits`);
    return { outcome: 'conflict', uri: this.uriOf(file), asidePath };
  }
}

/** Where copies for a folder are prepared: beside it, because a consumer scans all that is in it. */
export function temporaryBeside(folder: string): string {
  return join(dirname(folder), '.tmp');
}

/** Instrument, observing day, image, CCD: all of our own making, so anything else here is a defect. */
const RELATIVE = /^[\w-]+\/\d{8}\/[A-Z]{2}_[A-Z]_\d{8}_\d{6}\/[A-Z]{2}_[A-Z]_\d{8}_\d{6}_R\d{2}_S[A-Z\d]{2}$/;

/** The path below a target's root, without extension. @throws ArchiverError INTERNAL when it is not one of ours */
function nameOf({ id, relative }: StagedFile): string {
  if (!RELATIVE.test(relative)) throw new ArchiverError('INTERNAL', { problem: `"${relative}" is no path of a file` });
  return join(revisionFolder(id), relative);
}
