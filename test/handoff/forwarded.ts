import type { ArchiverEvent } from '../../src/events/port.js';

type Forwarded = Extract<ArchiverEvent, { type: 'imageForwarded' }>;

/** An imageForwarded event as the ledger makes it. */
export function forwarded(changes: Partial<Forwarded> = {}): Forwarded {
  const [obsid, raft, sensor] = ['CC_O_20261127_000001', 'R22', 'S11'];
  const key = `LSSTComCam/20261127/${obsid}/${obsid}_${raft}_${sensor}.fits`;
  return {
    ...{ type: 'imageForwarded', version: 1, camera: 'ComCam', archiverName: 'CCArchiver', description: '' },
    ...{ id: `imageForwarded.${obsid}/${raft}_${sensor}/corrected/1.ok`, time: '2026-11-27T10:00:00.000' },
    ...{ obsid, raft, sensor, uri: `file:///data/bucket/${key}`, key, bytes: 17_280_000, md5: 'f'.repeat(32) },
    ...{ groupId: '2026-11-27T09:59:20.123', snap: 0, ...changes },
  };
}
