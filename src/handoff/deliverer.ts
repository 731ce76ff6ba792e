import { join } from 'node:path';
import { ArchiverError } from '../model/errors.js';
import { parseRaft, parseSensor, relativeBase } from '../model/ids.js';
import type { FileRow, Seal } from '../stage/port.js';
import type { Delivery, StagedFile, StagingTarget } from './port.js';

/**
 * A file as targets get it, its names rebuilt from its ids. `root` is the data root that the ledger's paths are
 * below.
 */
export function stagedFile(root: string, row: FileRow, seal: Seal): StagedFile {
  const { file: id, instrument, bytes, groupId, snap } = row;
  const relative = relativeBase(instrument, { ...id, raft: parseRaft(id.raft), sensor: parseSensor(id.sensor) });
  const [path, sidecarPath] = [join(root, row.path), join(root, row.sidecarPath)];
  return { id, path, sidecarPath, relative, bytes, seal, groupId, snap };
}

/** Hands sealed files to targets by name. */
export class Deliverer {
  readonly #root: string;
  readonly #targets: ReadonlyMap<string, StagingTarget>;

  constructor(root: string, targets: readonly StagingTarget[]) {
    this.#root = root;
    this.#targets = new Map(targets.map((target) => [target.name, target]));
  }

  /**
   * @throws ArchiverError CONFIG_INVALID for a target that the ledger names and the configuration has not, and what
   * the target throws
   */
  async deliver(name: string, row: FileRow): Promise<Delivery> {
    const target = this.#targets.get(name);
    if (target === undefined) {
      throw new ArchiverError('CONFIG_INVALID', {
        where: 'given',
        problem: `no target "${name}", but files wait for it`,
      });
    }
    if (row.seal === null) throw new ArchiverError('INTERNAL', { problem: `${row.path} is handed off unsealed` });
    return await target.deliver(stagedFile(this.#root, row, row.seal));
  }
}
