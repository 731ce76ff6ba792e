import { join } from 'node:path';
import type { StagedFile, StagingTarget } from '../handoff/port.js';
import { ArchiverError } from '../model/errors.js';
import { relativeBase } from '../model/ids.js';
import type { FileRow, Seal } from './port.js';
import type { StageHandlers } from './stager.js';

export interface HandlerOptions {
  readonly root: string;
  /** Folder name of the camera below every staging root. */
  readonly instrument: string;
  readonly targets: readonly StagingTarget[];
  /** Reads a file back and digests it, on a worker thread. */
  readonly seal: (task: { readonly path: string; readonly bytes: number }) => Promise<Seal>;
}

/** The staging work of one data root. */
export function stageHandlers({ root, instrument, targets, seal }: HandlerOptions): StageHandlers {
  const staged = (row: FileRow): StagedFile => {
    if (row.seal === null) throw new ArchiverError('INTERNAL', { problem: `${row.path} is not sealed` });
    return {
      id: row.file,
      path: join(root, row.path),
      sidecarPath: join(root, row.sidecarPath),
      relative: relativeBase(instrument, row.file),
      bytes: row.bytes,
      seal: row.seal,
      groupId: row.groupId,
      snap: row.snap,
    };
  };
  return {
    seal: (row) => seal({ path: join(root, row.path), bytes: row.bytes }),
    deliver: (name, row) => {
      const target = targets.find((candidate) => candidate.name === name);
      if (target === undefined)
        throw new ArchiverError('CONFIG_INVALID', { where: 'given', problem: `target ${name} is not enabled` });
      return target.deliver(staged(row));
    },
  };
}
