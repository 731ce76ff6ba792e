import type { Config } from '../config.js';
import { systemClock, type Timer } from '../model/clock.js';
import type { ArchiverError } from '../model/errors.js';
import { packageVersion } from '../model/package.js';
import { isoFromTai, taiNow } from '../model/time.js';
import { type ArchiverStatus, archiverStatus, type StatusSources } from '../pipeline/status.js';
import { StorageHold } from '../pipeline/storage-hold.js';
import { rootDisk } from '../stage/root-disk.js';

export { resourcesOf } from '../pipeline/status.js';

const reserveBytes = ({ disk }: Config) => disk.reserveMegabytes * 1e6;

/** The hold over the disk of the data root. */
export function newStorageHold(
  config: Config,
  clock: Timer,
  onChange: (error: ArchiverError | undefined) => void,
): StorageHold {
  return new StorageHold({ disk: rootDisk(config.root), clock, reserveBytes: reserveBytes(config), onChange });
}

/** What tells the status of an archiver that starts now. */
export function newStatus(
  config: Config,
  parts: Omit<StatusSources, 'about' | 'disk' | 'reserveBytes'>,
): () => Promise<ArchiverStatus> {
  const { archiverName, camera, root } = config;
  const since = isoFromTai(taiNow(systemClock));
  const about = { archiverName, camera, since, version: packageVersion() };
  const sources = { ...parts, about, disk: rootDisk(root), reserveBytes: reserveBytes(config) };
  return () => archiverStatus(sources);
}
