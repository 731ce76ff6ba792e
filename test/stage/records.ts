import type { CcdId, FileId, Product } from '../../src/model/ids.js';
import type { ImageStart, Seal, WrittenRecord } from '../../src/stage/port.js';

/** What the ledger is told about an image, with as many CCDs of ComCam as a test needs. */
export const OBSID = 'CC_O_20241108_000266';
export const SENSORS = ['S00', 'S01', 'S02', 'S10', 'S11', 'S12', 'S20', 'S21', 'S22'] as const;
export const CREATED_AT = '2024-11-09T03:14:15.926';
export const SEAL: Seal = { sha256: 'a'.repeat(64), md5: 'b'.repeat(32) };

export function imageStart(
  obsid = OBSID,
  sensors: readonly string[] = SENSORS,
  products: Product[] = ['raw'],
): ImageStart {
  return {
    obsid,
    tag: `tag of ${obsid}`,
    camera: 'comcam',
    instrument: 'LSSTComCam',
    expected: products.flatMap((product) => sensors.map((sensor) => ({ raft: 'R22', sensor, product }))),
    createdAt: CREATED_AT,
  };
}

export function fileId(sensor: string, product: Product = 'raw', obsid = OBSID, version = 1): FileId {
  return { obsid, raft: 'R22', sensor, product, version };
}

export function written(file: FileId, targets: readonly string[] = ['dbb', 'oods']): WrittenRecord {
  const base = `${file.product}/${file.obsid}_${file.raft}_${file.sensor}.v${file.version}`;
  return {
    file,
    path: `${base}.fits`,
    sidecarPath: `${base}.json`,
    bytes: 15_000_000,
    dataSums: [1, 2, 4294967295],
    sourceCrc32: 3_735_928_559,
    header: 'PARTIAL',
    omitted: ['OBJECT', 'LSST_NUM'],
    ignored: [{ section: 'R22S00_PRIMARY', keyword: 'DATASEC', reason: 'geometry', text: '[1:509,1:2000]' }],
    groupId: '2024-11-09T03:14:00.000',
    snap: 0,
    targets,
  };
}

export function ccd(sensor: string, product: Product = 'raw'): CcdId & { product: Product } {
  return { obsid: OBSID, raft: 'R22', sensor, product };
}
