import { join } from 'node:path';
import { ArchiverError } from '../model/errors.js';
import { type FileId, revisionFolder } from '../model/ids.js';
import type { Digester } from './digester.js';
import { DirectoryTarget, type LinkedDirectoryOptions, temporaryBeside } from './directory.js';
import type { Delivery, StagedFile, StagingTarget } from './port.js';
import { PRIVATE_FOLDER, Publisher } from './publisher.js';

export interface DbbOptions extends LinkedDirectoryOptions {
  /** Where manifests go; outside the folder that the Data Backbone scans. */
  readonly manifests: string;
  /** Reads the files; closed with the target. */
  readonly digester: Pick<Digester, 'digest' | 'close'>;
}

/** What a manifest says of a file, so that the far end can prove what it received. */
export interface Manifest {
  readonly manifestVersion: 1;
  /** Path below the hand-off folder. */
  readonly file: string;
  readonly obsid: string;
  readonly raft: string;
  readonly sensor: string;
  readonly version: number;
  readonly bytes: number;
  readonly sha256: string;
  readonly md5: string;
  /** BLAKE2b-512, the digest of the Data Backbone's own file tables. */
  readonly blake2b512: string;
  /** Absolute path of the archive's file. */
  readonly source: string;
}

/**
 * The hand-off area of the Data Backbone, to the permanent archive: raw files in every version, each with a manifest
 * written after it.
 */
export class DbbTarget implements StagingTarget {
  readonly name = 'dbb';
  readonly #options: DbbOptions;
  readonly #directory: DirectoryTarget;
  readonly #publisher: Publisher;

  constructor(options: DbbOptions) {
    this.#options = options;
    this.#directory = new DirectoryTarget(this.name, options);
    const temporary = temporaryBeside(options.manifests);
    this.#publisher = new Publisher({ folderMode: PRIVATE_FOLDER, temporary });
  }

  accepts(file: FileId): boolean {
    return file.product === 'raw';
  }

  async deliver(file: StagedFile): Promise<Delivery> {
    const manifest = await this.#manifestOf(file);
    const delivery = await this.#directory.deliver(file);
    if (delivery.outcome === 'delivered') await this.#writeManifest(manifest);
    return delivery;
  }

  async close(): Promise<void> {
    await this.#options.digester.close();
  }

  /**
   * The digests are read anew, before the file is handed off: from then on it is its consumer's, which may move it at
   * once.
   */
  async #manifestOf(file: StagedFile): Promise<Manifest> {
    const { path, bytes, seal } = file;
    const names = ['sha256', 'blake2b512'] as const;
    const { sha256, blake2b512 } = await this.#options.digester.digest(path, names, bytes);
    if (sha256 === seal.sha256) return manifestOf(file, blake2b512);
    throw new ArchiverError('DIGEST_MISMATCH', { path, actual: sha256, expected: seal.sha256 });
  }

  /** @throws ArchiverError FILE_CONFLICT when a manifest stands there that says something else */
  async #writeManifest(manifest: Manifest): Promise<void> {
    const below = manifest.file.replace(/fits$/, 'json');
    const path = join(this.#options.manifests, below);
    const text = `${JSON.stringify(manifest, null, 2)}\n`;
    const placed = await this.#publisher.placeText(text, path);
    if (placed.is === 'other') {
      const name = join(this.#options.quarantine, 'manifests', below);
      throw new ArchiverError('FILE_CONFLICT', { path, aside: await this.#publisher.setTextAside(text, name) });
    }
    await this.#publisher.sync(path);
  }
}

/** @param blake2b512 of the file */
function manifestOf({ path, bytes, seal, id, ...file }: StagedFile, blake2b512: string): Manifest {
  return {
    manifestVersion: 1,
    file: `${join(revisionFolder(id), file.relative)}.fits`,
    obsid: id.obsid,
    raft: id.raft,
    sensor: id.sensor,
    version: id.version,
    bytes,
    sha256: seal.sha256,
    md5: seal.md5,
    blake2b512,
    source: path,
  };
}
