import { fileSpec } from '../../src/assemble/file-spec.js';
import { ccdBySlot, sensorTypeOf, sourceLayout } from '../../src/camera/geometry.js';
import type { Camera } from '../../src/camera/types.js';
import { baseName } from '../../src/model/ids.js';
import { loadNative } from '../../src/native/binding.js';
import { headerInput } from './header-input.js';

export interface CcdFileSpec {
  readonly camera: Camera;
  readonly folder: string;
  readonly raft: string;
  readonly sensor: string;
  readonly obsid?: string;
  readonly compression?: 'rice' | 'none';
  /** Value of a pixel, 0 to 262143; segment in FITS order. */
  readonly pixel: (segment: number, column: number, row: number) => number;
}

/** Writes one CCD's FITS file and its sidecar through the addon, as the archiver does. @returns the FITS file's path. */
export async function writeCcdFile(spec: CcdFileSpec): Promise<string> {
  const { camera, folder, raft, sensor, obsid = 'CC_O_20241108_000266', compression = 'rice' } = spec;
  const core = loadNative();
  const { reb, index } = ccdBySlot(camera, raft, sensor);
  const layout = sourceLayout(camera, reb.location);
  const handle = core.open({ layout, products: ['raw'], compression });
  try {
    const planes = layout.ccds.map((_, ccd) =>
      ccd === index ? planesOf(spec) : layout.ccds[ccd]?.channels.map(() => null),
    );
    const packed = new Uint8Array(layout.columns * layout.rows * layout.groups * 36);
    core.packRows(
      layout,
      layout.rows,
      planes.map((plane) => plane ?? []),
      packed,
    );
    core.band(handle, { first: 0, count: layout.rows }, packed);
    const base = baseName({ obsid, raft, sensor });
    const { file } = fileSpec(
      {
        file: { obsid, raft, sensor, product: 'raw', version: 1 },
        pixels: { location: reb.location },
        facts: { ...headerInput(), compression },
        root: folder,
        path: `${base}.fits`,
        sidecarPath: `${base}.json`,
        aside: folder,
        folderMode: 0o755,
      },
      camera,
      core.sealHeader,
    );
    await core.finish(handle, file);
    return `${folder}/${base}.fits`;
  } finally {
    core.drop(handle);
  }
}

function planesOf({ camera, raft, sensor, pixel }: CcdFileSpec): Int32Array[] {
  const type = sensorTypeOf(camera, ccdBySlot(camera, raft, sensor).ccd);
  return type.segments.map((_, segment) =>
    Int32Array.from({ length: type.columns * type.rows }, (_value, n) =>
      pixel(segment, n % type.columns, Math.floor(n / type.columns)),
    ),
  );
}
